// Networks and volumes that no container needs, whether it runs or not. Blocks.
#pragma once

#include "base/paths.hpp"
#include "supervisor/volume_store.hpp"

#include <string>
#include <vector>

namespace supervisor {

// Names; those of external networks that nobody uses now are among them, as with Docker.
[[nodiscard]] std::vector<std::string> unused_networks(const base::Paths &paths);

// Named ones too.
[[nodiscard]] std::vector<VolumeRecord> unused_volumes(const base::Paths &paths);

// What meanwhile got a container stays. @pre nobody creates containers: the store's exclusive lock is held.
void remove_network(const base::Paths &paths, const std::string &name);

} // namespace supervisor
