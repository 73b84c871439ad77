// The parts of turning a service into a container's spec, one function each. Internal to blueprint.cpp.
#pragma once

#include "base/paths.hpp"
#include "compose/model.hpp"
#include "compose/plan/blueprint.hpp"
#include "engine/container/spec.hpp"

#include <string>
#include <vector>

namespace plan {

// entrypoint and command of service and image combined by Docker's rules.
[[nodiscard]] std::vector<std::string> argv_of(const compose::Service &service, const ImageInfo &image);
// The image's variables in their order, then the service's; those without a value are removed.
[[nodiscard]] std::vector<std::string> env_of(const compose::Service &service, const ImageInfo &image);
[[nodiscard]] container::Security security_of(const compose::Service &service);
[[nodiscard]] container::Resources resources_of(const compose::Resources &resources);
[[nodiscard]] container::Healthcheck healthcheck_of(const compose::Service &service, const ImageInfo &image);
[[nodiscard]] container::RestartPolicy restart_of(const compose::Service &service);
[[nodiscard]] container::LogOptions log_of(const compose::Service &service);
[[nodiscard]] container::NamespaceMode namespace_of(const compose::NamespaceMode &mode);

// service.volumes, service.tmpfs and the image's volumes that nothing covers. Anonymous volumes have no name
// yet.
[[nodiscard]] std::vector<container::Mount> mounts_of(const compose::Project &project,
                                                      const compose::Service &service,
                                                      const base::Paths &paths, const ImageInfo &image);

// Secrets and configs: by content where that is small, else as read-only bind mounts added to mounts.
[[nodiscard]] std::vector<container::GrantedFile> files_of(const compose::Project &project,
                                                           const compose::Service &service,
                                                           std::vector<container::Mount> &mounts);

[[nodiscard]] std::vector<container::Endpoint> endpoints_of(const compose::Project &project,
                                                            const compose::Service &service);
[[nodiscard]] std::vector<container::PublishedPort> ports_of(const compose::Service &service);

} // namespace plan
