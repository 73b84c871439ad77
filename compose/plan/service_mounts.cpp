#include "base/error.hpp"
#include "base/file.hpp"
#include "compose/plan/service_spec.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <charconv>

namespace plan {

namespace {

namespace fs = std::filesystem;

// A secret or config this small travels by content and gets its own owner and mode.
constexpr std::uintmax_t largest_content = 1024 * 1024;

base::Error refuse(const compose::Location &location, const std::string &what, std::string hint) {
    return base::Error((location.known() ? base::to_string(location) + ": " : "") + what, std::move(hint));
}

container::Propagation propagation_of(const std::string &text) {
    using container::Propagation;
    if (text == "shared")
        return Propagation::shared;
    if (text == "rshared")
        return Propagation::rshared;
    if (text == "slave")
        return Propagation::slave;
    if (text == "rslave")
        return Propagation::rslave;
    if (text == "private")
        return Propagation::private_;
    return Propagation::rprivate;
}

container::BindMount bind_of(const compose::Service &service, const compose::Mount &mount) {
    container::BindMount bind{.source = mount.source,
                              .create_source = mount.bind.create_host_path,
                              .propagation = propagation_of(mount.bind.propagation),
                              .recursive = mount.bind.recursive != "disabled",
                              .recursive_read_only = mount.bind.recursive != "writable"};

    struct stat status {};

    if (::stat(mount.source.c_str(), &status) == 0)
        return bind;
    // A missing file would become a directory, and the program would trip over that much later.
    const fs::path source = mount.source;
    const bool looks_like_a_file =
        source.has_extension() && source.extension() == fs::path(mount.target).extension();
    if (!bind.create_source || looks_like_a_file)
        throw refuse(
            mount.location,
            fmt::format("service {}: bind source path does not exist: {}", service.name, mount.source),
            looks_like_a_file ? "create the file, or the directory if it is one"
                              : "create it, or set create_host_path: true");
    return bind;
}

container::VolumeMount volume_of(const compose::Project &project, const compose::Mount &mount,
                                 const base::Paths &paths) {
    container::VolumeMount volume{.subpath = mount.subpath, .copy = !mount.nocopy};
    if (mount.source.empty())
        return volume;
    const auto found = project.volumes.find(mount.source);
    volume.name = found != project.volumes.end() ? found->second.name : mount.source;
    volume.source = (paths.volume(volume.name) / "_data").string();
    return volume;
}

container::Mount mount_of(const compose::Project &project, const compose::Service &service,
                          const compose::Mount &mount, const base::Paths &paths) {
    container::Mount result{.target = mount.target, .read_only = mount.read_only, .source = {}};
    switch (mount.type) {
    case compose::Mount::Type::bind:
        result.source = bind_of(service, mount);
        break;
    case compose::Mount::Type::volume:
        result.source = volume_of(project, mount, paths);
        break;
    case compose::Mount::Type::tmpfs:
        result.source = container::TmpfsMount{.size = mount.tmpfs_size, .mode = mount.tmpfs_mode};
        break;
    }
    return result;
}

std::optional<std::uint32_t> number_of(const compose::FileGrant &grant,
                                       const std::optional<std::string> &text, const char *what) {
    if (!text)
        return std::nullopt;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size())
        throw refuse(grant.location,
                     fmt::format("{} \"{}\" of {} is not a number", what, *text, grant.source),
                     "give the numeric id as a string");
    return value;
}

bool covered(const std::vector<container::Mount> &mounts, const std::string &target) {
    const fs::path clean = fs::path(target).lexically_normal();
    for (const container::Mount &mount : mounts)
        if (fs::path(mount.target).lexically_normal() == clean)
            return true;
    return false;
}

} // namespace

std::vector<container::Mount> mounts_of(const compose::Project &project, const compose::Service &service,
                                        const base::Paths &paths, const ImageInfo &image) {
    std::vector<container::Mount> mounts;
    for (const compose::Mount &mount : service.volumes)
        mounts.push_back(mount_of(project, service, mount, paths));
    for (const std::string &text : service.tmpfs)
        mounts.push_back(container::parse_tmpfs(text));
    for (const std::string &target : image.volumes)
        if (!covered(mounts, target))
            mounts.push_back({.target = target, .read_only = false, .source = container::VolumeMount{}});
    return mounts;
}

namespace {

void grant(const compose::FileGrant &grant, const compose::FileObject &object, const std::string &kind,
           std::vector<container::Mount> &mounts, std::vector<container::GrantedFile> &files) {
    container::GrantedFile file{.target = grant.target,
                                .uid = number_of(grant, grant.uid, "uid"),
                                .gid = number_of(grant, grant.gid, "gid"),
                                .mode = grant.mode.value_or(0444),
                                .content = {}};
    if (object.external)
        throw refuse(grant.location, fmt::format("external {} {} is not supported", kind, object.key),
                     "use file:, environment: or content:");
    if (object.from == compose::FileObject::From::file) {
        std::error_code missing;
        if (!fs::exists(object.value, missing))
            throw refuse(object.location,
                         fmt::format("file of {} {} does not exist: {}", kind, object.key, object.value),
                         "create it, or correct `file:`");
        if (!fs::is_regular_file(object.value, missing)
            || fs::file_size(object.value, missing) > largest_content) {
            mounts.push_back({.target = grant.target,
                              .read_only = true,
                              .source = container::BindMount{.source = object.value, .id_map = {}}});
            return;
        }
        file.content = base::read_file(object.value);
    } else if (object.content) {
        file.content = *object.content;
    } else {
        throw refuse(object.location,
                     fmt::format("environment variable \"{}\" required by {} \"{}\" is not set", object.value,
                                 kind, object.key),
                     fmt::format("export {}, or put it into .env", object.value));
    }
    files.push_back(std::move(file));
}

} // namespace

std::vector<container::GrantedFile> files_of(const compose::Project &project, const compose::Service &service,
                                             std::vector<container::Mount> &mounts) {
    std::vector<container::GrantedFile> files;
    for (const compose::FileGrant &each : service.secrets)
        grant(each, project.secrets.at(each.source), "secret", mounts, files);
    for (const compose::FileGrant &each : service.configs)
        grant(each, project.configs.at(each.source), "config", mounts, files);
    return files;
}

} // namespace plan
