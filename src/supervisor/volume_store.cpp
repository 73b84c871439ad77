#include "supervisor/volume_store.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace supervisor {

namespace {

namespace fs = std::filesystem;
using base::json_or;
using Map = std::map<std::string, std::string>;

std::string option(const VolumeRecord &volume, const std::string &key) {
    const auto found = volume.options.find(key);
    return found == volume.options.end() ? "" : found->second;
}

// The directory that a bind volume stands for; empty for a plain volume.
fs::path bound_directory(const VolumeRecord &volume) {
    if (!volume.driver.empty() && volume.driver != "local")
        throw base::Error(
            fmt::format("volume {}: driver \"{}\" is not supported", volume.name, volume.driver),
            "remove `driver:`, volumes are directories of this machine");
    if (volume.options.empty())
        return {};
    const bool bind =
        option(volume, "o").find("bind") != std::string::npos && !option(volume, "device").empty();
    if (!bind)
        throw base::Error(fmt::format("volume {}: these driver_opts are not supported", volume.name),
                          "use type: none, o: bind and device: DIRECTORY, or a bind mount in the service");
    fs::path device = option(volume, "device");
    std::error_code missing;
    if (!fs::is_directory(device, missing))
        throw base::Error(
            fmt::format("volume {}: device {} is not a directory", volume.name, device.string()),
            "create it first");
    return device;
}

} // namespace

std::vector<VolumeRecord> read_volumes(const base::Paths &paths) {
    std::vector<VolumeRecord> volumes;
    for (const std::string &name : base::list_dir(paths.volumes())) {
        const auto text = base::read_file_if(paths.volume(name) / "volume.json");
        if (!text)
            continue;
        const base::Json json = base::parse_json(*text, (paths.volume(name) / "volume.json").string());
        VolumeRecord volume{.name = name,
                            .driver = json_or<std::string>(json, "driver", "local"),
                            .options = json_or<Map>(json, "options", {}),
                            .labels = json_or<Map>(json, "labels", {}),
                            .anonymous = json_or<bool>(json, "anonymous", false)};
        volume.created =
            base::parse_rfc3339(json_or<std::string>(json, "created", "")).value_or(base::Timestamp{});
        volumes.push_back(std::move(volume));
    }
    return volumes;
}

void create_volume(const base::Paths &paths, const VolumeRecord &volume) {
    const fs::path directory = paths.volume(volume.name);
    std::error_code missing;
    if (fs::exists(directory / "volume.json", missing))
        return;
    const fs::path bound = bound_directory(volume);
    base::make_dirs(paths.volumes(), 0711);
    const fs::path temporary = paths.volumes() / fmt::format(".{}.{}", volume.name, base::random_hex(8));
    try {
        base::make_dirs(temporary, 0711);
        if (bound.empty())
            base::make_dirs(temporary / "_data", 0755);
        else
            fs::create_directory_symlink(bound, temporary / "_data");
        base::write_file_atomic(
            temporary / "volume.json",
            base::pretty_json({{"version", 1},
                               {"name", volume.name},
                               {"driver", volume.driver.empty() ? "local" : volume.driver},
                               {"options", volume.options},
                               {"labels", volume.labels},
                               {"anonymous", volume.anonymous},
                               {"created", base::format_rfc3339(base::now())}}),
            0644);
        if (::rename(temporary.c_str(), directory.c_str()) < 0 && errno != EEXIST && errno != ENOTEMPTY)
            base::throw_errno("create volume", volume.name);
    } catch (...) {
        base::remove_tree(temporary);
        throw;
    }
    base::remove_tree(temporary);
    base::fsync_dir(paths.volumes());
}

void remove_volume(const base::Paths &paths, const std::string &name) {
    // Out of the way first: a half-removed volume must not be taken for a whole one.
    const fs::path doomed = paths.volumes() / fmt::format(".{}.{}", name, base::random_hex(8));
    if (::rename(paths.volume(name).c_str(), doomed.c_str()) < 0) {
        if (errno == ENOENT)
            return;
        base::throw_errno("remove volume", name);
    }
    base::remove_tree(doomed);
}

} // namespace supervisor
