#include "engine/build/mount_stubs.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/file_attributes.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <unistd.h>

namespace build {

namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

// Made below a mount of the container's own, never in the image.
bool is_covered(const std::string &target) {
    return target.starts_with("/dev/") || target.starts_with("/proc/") || target.starts_with("/sys/");
}

std::pair<std::string, std::string> split(const std::string &path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos)
        return {".", path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

// A copy of the directory below, but for its times.
bool is_mere_copy(int upper_parent, const std::string &name, int root, const std::string &path) {
    const auto [lower_path, lower_name] = split(path);
    const base::UniqueFd lower_parent = container::open_in_root(root, lower_path, directory_flags);

    struct stat mine {};

    struct stat below {};

    if (!lower_parent || ::fstatat(upper_parent, name.c_str(), &mine, AT_SYMLINK_NOFOLLOW) < 0
        || ::fstatat(lower_parent.get(), lower_name.c_str(), &below, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    return S_ISDIR(mine.st_mode) && mine.st_mode == below.st_mode && mine.st_uid == below.st_uid
           && mine.st_gid == below.st_gid
           && image::file_attributes(upper_parent, name)
                  == image::file_attributes(lower_parent.get(), lower_name);
}

bool remove_if_empty(int parent, const std::string &name) {
    struct stat status {};

    if (::fstatat(parent, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
        return false;
    if (S_ISDIR(status.st_mode))
        return ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
    return S_ISREG(status.st_mode) && status.st_size == 0 && ::unlinkat(parent, name.c_str(), 0) == 0;
}

} // namespace

MountStubs::MountStubs(int root, const std::vector<std::string> &targets) {
    std::set<std::string> missing;
    for (const std::string &target : targets) {
        if (is_covered(target))
            continue;
        std::string reached;
        for (const std::string &part : path_parts(target)) {
            std::string next = reached + "/" + part;
            const base::UniqueFd fd =
                root < 0 ? base::UniqueFd() : container::open_in_root(root, next, O_PATH | O_CLOEXEC);
            if (fd)
                next = path_in_root(root, fd.get());
            else
                missing.insert(next.substr(1));
            reached = next == "/" ? "" : next;
        }
    }
    missing_.assign(missing.begin(), missing.end());
    std::stable_sort(missing_.begin(), missing_.end(), [](const std::string &a, const std::string &b) {
        return path_parts(a).size() > path_parts(b).size();
    });
}

void MountStubs::remove(int upper, int root) const {
    std::set<std::string> touched;
    for (const std::string &path : missing_) {
        const auto [directory, name] = split(path);
        const base::UniqueFd parent = container::open_in_root(upper, directory, directory_flags);
        if (parent && remove_if_empty(parent.get(), name) && directory != ".")
            touched.insert(directory);
    }
    // From the inside out: one that goes may leave the next one empty.
    while (root >= 0 && !touched.empty()) {
        const auto last = std::prev(touched.end());
        const std::string path = *last;
        touched.erase(last);
        const auto [directory, name] = split(path);
        const base::UniqueFd parent = container::open_in_root(upper, directory, directory_flags);
        if (parent && is_mere_copy(parent.get(), name, root, path)
            && ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR) == 0 && directory != ".")
            touched.insert(directory);
    }
}

} // namespace build
