#include "supervisor/volume_store.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/remove_tree.hpp"

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

fs::path record_of(const fs::path &directory) {
    return directory / "volume.json";
}

// nullopt when there is none, or a power cut came before it was whole.
std::optional<std::string> read_record(const fs::path &directory) {
    auto text = base::read_file_if(record_of(directory));
    if (text && base::is_torn(*text))
        text.reset();
    return text;
}

void write_record(const fs::path &directory, const VolumeRecord &volume) {
    base::write_file_atomic(record_of(directory),
                            base::pretty_json({{"version", 1},
                                               {"name", volume.name},
                                               {"driver", volume.driver.empty() ? "local" : volume.driver},
                                               {"options", volume.options},
                                               {"labels", volume.labels},
                                               {"anonymous", volume.anonymous},
                                               {"created", base::format_rfc3339(base::now())}}));
}

void make_data(const fs::path &directory, const fs::path &bound) {
    if (bound.empty())
        base::make_dirs(directory / "_data", 0755);
    else
        fs::create_directory_symlink(bound, directory / "_data");
}

} // namespace

bool volume_exists(const base::Paths &paths, const std::string &name) {
    return read_record(paths.volume(name)).has_value();
}

std::vector<VolumeRecord> read_volumes(const base::Paths &paths) {
    std::vector<VolumeRecord> volumes;
    for (const std::string &name : base::list_dir(paths.volumes())) {
        const auto text = read_record(paths.volume(name));
        if (!text)
            continue;
        const base::Json json = base::parse_json(*text, record_of(paths.volume(name)).string());
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
    if (read_record(directory))
        return;
    const fs::path bound = bound_directory(volume);
    if (fs::exists(fs::symlink_status(directory / "_data"))) {
        // The power went before the record was on disk; the data may have been.
        write_record(directory, volume);
        return;
    }
    base::make_dirs(paths.volumes(), 0711);
    const fs::path temporary = paths.volumes() / fmt::format(".{}.{}", volume.name, base::random_hex(8));
    try {
        base::make_dirs(temporary, 0711);
        make_data(temporary, bound);
        write_record(temporary, volume);
        if (::rename(temporary.c_str(), directory.c_str()) < 0 && errno != EEXIST && errno != ENOTEMPTY)
            base::throw_errno("create volume", volume.name);
    } catch (...) {
        base::remove_tree(temporary);
        throw;
    }
    base::remove_tree(temporary);
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
