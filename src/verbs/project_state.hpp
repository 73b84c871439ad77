// What verbs that only look read of a project, straight from disk.
#pragma once

#include "base/paths.hpp"
#include "engine/image/store.hpp"
#include "supervisor/observer.hpp"
#include "verbs/context.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cli {

// Ids of the images that containers of any project were made from.
[[nodiscard]] std::set<std::string> images_in_use(const base::Paths &paths);

// The store of verbs that may collect: never what a container uses.
[[nodiscard]] image::Store collecting_store(const base::Paths &paths);

// @throws base::Error "no such service: NAME" for one that is neither in the model nor has containers.
void require_known(const Context::Named &named, const std::vector<supervisor::ContainerInfo> &containers,
                   const std::vector<std::string> &services);

// The containers of these services (all, when empty), one-offs only when asked for.
[[nodiscard]] std::vector<supervisor::ContainerInfo> containers_of(std::vector<supervisor::ContainerInfo> all,
                                                                   const std::vector<std::string> &services,
                                                                   bool one_offs);

// The running container a verb like exec means: the replica with that number, else the lowest, else a
// one-off. @throws base::Error when there is none.
[[nodiscard]] supervisor::ContainerInfo running_container(const base::Paths &paths,
                                                          const std::string &project,
                                                          const std::string &service,
                                                          std::optional<int> index);

// "web-1": the name without the project, as log prefixes and exit lines show it.
[[nodiscard]] std::string short_name(const container::Spec &spec);

} // namespace cli
