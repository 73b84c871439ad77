// Volumes on disk: STATE/volumes/NAME/{volume.json,_data/}. Shared by all projects.
#pragma once

#include "base/paths.hpp"
#include "base/units.hpp"

#include <map>
#include <string>
#include <vector>

namespace supervisor {

struct VolumeRecord {
    std::string name;
    std::string driver = "local";
    std::map<std::string, std::string> options;
    std::map<std::string, std::string> labels;
    bool anonymous = false;
    base::Timestamp created{};
};

// A volume whose record was not on disk yet when the power went does not exist; create_volume() makes it
// whole again around its data.
[[nodiscard]] bool volume_exists(const base::Paths &paths, const std::string &name);

[[nodiscard]] std::vector<VolumeRecord> read_volumes(const base::Paths &paths);

// Makes the directory with its data directory, whole or not at all; an existing volume is left as it is.
// Driver options type=none, o=bind, device=DIR make the data directory a link to DIR.
// @throws base::Error for another driver or options it can't honour.
void create_volume(const base::Paths &paths, const VolumeRecord &volume);

// A missing volume is fine.
void remove_volume(const base::Paths &paths, const std::string &name);

} // namespace supervisor
