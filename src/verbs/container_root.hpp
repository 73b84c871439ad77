// The file system of a container, whether it runs or not.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "supervisor/observer.hpp"

namespace cli {

// Of a running container as its processes see it, with its mounts; of another one without them.
// @throws base::Error when it can't be mounted.
[[nodiscard]] base::UniqueFd open_container_root(const base::Paths &paths,
                                                 const supervisor::ContainerInfo &info);

// The container of a service that is meant when none of several has to: that with the number, else the first.
// Whether it runs or not. @throws base::Error when there is none.
[[nodiscard]] supervisor::ContainerInfo container_of_service(const base::Paths &paths,
                                                             const std::string &project,
                                                             const std::string &service,
                                                             std::optional<int> index);

} // namespace cli
