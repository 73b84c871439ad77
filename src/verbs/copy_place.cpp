#include "verbs/copy_place.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/container/user_namespace.hpp"
#include "verbs/container_root.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <unistd.h>

namespace cli {

namespace {

namespace fs = std::filesystem;

constexpr int most_links = 40;

// Without the slashes at the end, which only say that it is a directory.
std::string trimmed(std::string path) {
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    return path;
}

std::string parent_of(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string &path) {
    return path.substr(path.rfind('/') + 1);
}

// Names a directory by what is in it or above it, not by a name of its own.
bool has_no_name(const std::string &path) {
    const std::string name = name_of(path);
    return name.empty() || name == "." || name == "..";
}

std::string link_target(int directory, const std::string &name) {
    std::array<char, 4096> text{};
    const ssize_t size =
        base::check(::readlinkat(directory, name.c_str(), text.data(), text.size()), "read link", name);
    return {text.data(), static_cast<std::size_t>(size)};
}

// The rest of path when it is mount or below it.
std::optional<std::string> below(const std::string &path, const std::string &mount) {
    const std::string clean = trimmed(fs::path("/" + path).lexically_normal().string());
    if (clean == mount)
        return "/";
    if (clean.starts_with(mount + "/"))
        return clean.substr(mount.size());
    return std::nullopt;
}

} // namespace

CopyPlace::CopyPlace(const base::Paths &paths, const supervisor::ContainerInfo &info)
    : name_(info.spec.name) {
    if (info.state.pid != 0) {
        roots_.push_back({"", open_container_root(paths, info)});
        return;
    }
    const base::UniqueFd users = container::has_own_users(info.spec)
                                     ? container::make_user_namespace(info.spec.namespaces)
                                     : base::UniqueFd();
    const container::TreeOptions as_mounted{.user_namespace = users.get()};
    for (const container::Mount &mount : info.spec.mounts) {
        const auto *volume = std::get_if<container::VolumeMount>(&mount.source);
        const auto *bind = std::get_if<container::BindMount>(&mount.source);
        const std::string source = volume != nullptr ? volume->source + "/" + volume->subpath
                                   : bind != nullptr ? bind->source
                                                     : "";
        std::error_code missing;
        if (fs::is_directory(source, missing))
            roots_.push_back({trimmed(fs::path(mount.target).lexically_normal()),
                              users ? container::clone_tree(AT_FDCWD, source, as_mounted, source)
                                    : base::open_dir(source)});
    }
    // The deepest mount a path is below is where it is.
    std::stable_sort(roots_.begin(), roots_.end(),
                     [](const Root &a, const Root &b) { return a.mount.size() > b.mount.size(); });
    roots_.push_back({"", open_container_root(paths, info)});
}

std::string CopyPlace::describe(const std::string &path) const {
    return name_.empty() ? path : name_ + ":" + path;
}

base::UniqueFd CopyPlace::open(const std::string &path, int flags) const {
    for (const Root &root : roots_)
        if (root.mount.empty())
            return container::open_in_root(root.directory.get(), path, flags | O_CLOEXEC);
        else if (const auto rest = below(path, root.mount))
            return container::open_in_root(root.directory.get(), *rest, flags | O_CLOEXEC);
    base::UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
    if (!fd && errno != ENOENT && errno != ENOTDIR)
        base::throw_errno("open", path);
    return fd;
}

base::UniqueFd CopyPlace::open_directory(const std::string &path) const {
    base::UniqueFd fd = open(path, O_RDONLY | O_DIRECTORY);
    if (!fd)
        throw base::Error(fmt::format("{} is not a directory", describe(path)));
    return fd;
}

Entry CopyPlace::find(const std::string &given, bool follow) const {
    std::string path = trimmed(given);
    const std::string called = name_of(path);
    for (int links = 0;; ++links) {
        if (links == most_links)
            throw base::Error(fmt::format("{}: too many symbolic links", describe(given)));
        if (has_no_name(path))
            return {open_directory(path), ".", called, true, true};
        Entry entry{open(parent_of(path), O_RDONLY | O_DIRECTORY), name_of(path), called};
        if (!entry.directory)
            throw base::Error(fmt::format("no such directory: {}", describe(parent_of(path))),
                              "create it first");

        struct stat status {};

        if (::fstatat(entry.directory.get(), entry.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
            if (errno != ENOENT)
                base::throw_errno("examine", describe(path));
            return entry;
        }
        entry.exists = true;
        entry.is_directory = S_ISDIR(status.st_mode);
        if (!S_ISLNK(status.st_mode) || !(follow || given.ends_with('/')))
            return entry;
        const std::string target = link_target(entry.directory.get(), entry.name);
        path = trimmed(target.starts_with('/') ? target : parent_of(path) + "/" + target);
    }
}

} // namespace cli
