// What everything under STATE takes on the disk. Together the four sizes are what du(1) says of images/,
// projects/ and volumes/. Blocks for a walk of all of it.
#pragma once

#include "base/paths.hpp"
#include "base/units.hpp"
#include "engine/image/usage.hpp"
#include "supervisor/observer.hpp"
#include "supervisor/volume_store.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace cli {

struct DiskRow {
    std::string type;
    std::size_t total = 0;
    std::size_t active = 0;
    base::Bytes size;
    base::Bytes reclaimable;
};

struct ContainerUsage {
    supervisor::ContainerInfo info;
    base::Bytes size;
    bool reclaimable = false; // nothing of its project runs
};

struct VolumeUsage {
    supervisor::VolumeRecord volume;
    std::size_t containers = 0; // that have it
    base::Bytes size;
};

struct DiskReport {
    image::StoreUsage store;
    std::vector<ContainerUsage> containers;
    std::vector<VolumeUsage> volumes;
    base::Bytes projects_size; // containers with their logs and the supervisors'
    base::Bytes volumes_size;
    std::set<std::string> images_in_use;

    [[nodiscard]] std::vector<DiskRow> rows() const;
};

[[nodiscard]] DiskReport make_disk_report(const base::Paths &paths);

// Projects that have containers, none of which runs or will run by itself.
[[nodiscard]] std::vector<std::string> dead_projects(const base::Paths &paths);

} // namespace cli
