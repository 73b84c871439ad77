#include "engine/build/root_directory.hpp"

#include "base/error.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/image/file_attributes.hpp"

#include <climits>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace build {

namespace {

constexpr int most_links = 40; // as path_resolution(7)
constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

std::string kernel_path(int fd) {
    char text[PATH_MAX];
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    const ssize_t size = base::check(::readlink(link.c_str(), text, sizeof text), "read link", link);
    return std::string(text, static_cast<std::size_t>(size));
}

base::UniqueFd make_one(int root, int parent, const std::string &name, const std::string &path,
                        const std::optional<std::pair<uid_t, gid_t>> &owner) {
    if (::mkdirat(parent, name.c_str(), 0755) < 0) {
        if (errno == EEXIST)
            throw base::Error(path + " is not a directory, or a link that leads nowhere",
                              "choose another destination, or remove it before");
        base::throw_errno("create directory", path);
    }
    base::UniqueFd made = container::open_in_root(root, path, directory_flags);
    if (!made)
        base::throw_errno("open directory", path);
    // Whatever the umask is.
    base::check(::fchmod(made.get(), 0755), "set mode of", path);
    if (owner)
        base::check(::fchown(made.get(), owner->first, owner->second), "set owner of", path);
    return made;
}

} // namespace

base::UniqueFd make_directories(int root, const std::string &path,
                                const std::optional<std::pair<uid_t, gid_t>> &owner) {
    base::UniqueFd current = container::open_in_root(root, path, directory_flags);
    if (current)
        return current;
    current = container::open_in_root(root, "/", directory_flags);
    std::string reached;
    for (const std::string &part : path_parts(path)) {
        reached += "/" + part;
        base::UniqueFd next = container::open_in_root(root, reached, directory_flags);
        current = next ? std::move(next) : make_one(root, current.get(), part, reached, owner);
    }
    return current;
}

std::string path_in_root(int root, int fd) {
    const std::string top = kernel_path(root);
    const std::string path = kernel_path(fd);
    return top == "/" ? path : path == top ? "/" : path.substr(std::min(path.size(), top.size()));
}

std::string real_path(int root, const std::string &path) {
    std::string reached = path;
    for (int links = 0; links <= most_links; ++links) {
        if (const base::UniqueFd fd = container::open_in_root(root, reached, O_PATH | O_CLOEXEC))
            return path_in_root(root, fd.get());
        const base::UniqueFd link = container::open_in_root(root, reached, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (!link)
            return reached;
        // A link that leads to nothing yet.
        const std::string target = image::link_target(link.get(), "");
        reached = resolve_path(real_path(root, reached.substr(0, reached.rfind('/') + 1)), target);
    }
    throw base::Error(path + " is a link that leads to itself", "remove it before");
}

} // namespace build
