#include "engine/image/tree_writer.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "base/syscall.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <algorithm>
#include <fcntl.h>
#include <unistd.h>

namespace image {

namespace {

constexpr std::size_t most_cached_parents = 128;

std::string join(const PathParts &path, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += (i == 0 ? "" : "/") + path[i];
    return text.empty() ? "." : text;
}

std::string join(const PathParts &path) {
    return join(path, path.size());
}

[[noreturn]] void fail(const std::string &stage, const std::string &subject) {
    const int error = errno;
    const bool full = error == ENOSPC || error == EDQUOT;
    throw base::SystemError(stage, error, subject,
                            full ? "free some space, for example with compose image prune" : "");
}

int open_beneath(int root, const std::string &path, std::uint64_t flags) {
    open_how how{};
    how.flags = flags;
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (;;) {
        const int fd = base::sys_openat2(root, path.c_str(), how);
        // A rename elsewhere in the system makes the kernel give up on "..": try again.
        if (fd >= 0 || errno != EAGAIN)
            return fd;
    }
}

// These steer overlayfs itself; only the unpacker may set them.
bool is_overlay_xattr(std::string_view name) {
    return name.starts_with("trusted.overlay.") || name.starts_with("user.overlay.");
}

std::string proc_path(int parent, const std::string &name) {
    return "/proc/self/fd/" + std::to_string(parent) + "/" + name;
}

} // namespace

PathParts clean_path(std::string_view name, std::size_t max_depth) {
    const auto refuse = [&](const std::string &why) {
        throw base::Error("refused archive member \"" + std::string(name.substr(0, name.find('\0')))
                              + "\": " + why,
                          "the archive is malformed or hostile: get it from a source you trust");
    };
    if (name.find('\0') != std::string_view::npos)
        refuse("its name holds a NUL");
    PathParts parts;
    for (std::size_t start = 0; start < name.size();) {
        const std::size_t end = std::min(name.find('/', start), name.size());
        const std::string_view part = name.substr(start, end - start);
        start = end + 1;
        if (part.empty() || part == ".")
            continue;
        if (part != "..") {
            parts.emplace_back(part);
        } else if (parts.empty()) {
            refuse("it leads out of the directory it is unpacked into");
        } else {
            parts.pop_back();
        }
        if (parts.size() > max_depth)
            refuse("it is nested deeper than " + std::to_string(max_depth) + " directories");
    }
    return parts;
}

base::UniqueFd TreeWriter::open_directory(const std::string &path, bool create) {
    base::UniqueFd fd(open_beneath(root_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd || !create || errno != ENOENT)
        return fd;
    const auto slash = path.rfind('/');
    const base::UniqueFd parent =
        open_directory(slash == std::string::npos ? "." : path.substr(0, slash), true);
    if (!parent)
        return {};
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (::mkdirat(parent.get(), name.c_str(), 0755) < 0)
        return {};
    ::fchmodat(parent.get(), name.c_str(), 0755, 0);
    return base::UniqueFd(open_beneath(root_, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

int TreeWriter::parent_of(const PathParts &path, bool create) {
    const std::string key = join(path, path.size() - 1);
    if (key == ".")
        return root_;
    if (const auto known = parents_.find(key); known != parents_.end())
        return known->second.get();
    base::UniqueFd fd = open_directory(key, create);
    if (!fd) {
        if (!create)
            return -1;
        fail("open directory", key);
    }
    if (parents_.size() == most_cached_parents)
        parents_.clear();
    return parents_.emplace(key, std::move(fd)).first->second.get();
}

TreeWriter::Kind TreeWriter::kind(const PathParts &path) {
    const int parent = parent_of(path, false);

    struct stat status {};

    if (parent < 0 || ::fstatat(parent, path.back().c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return Kind::missing;
        fail("look up", join(path));
    }
    if (S_ISDIR(status.st_mode))
        return Kind::directory;
    return S_ISCHR(status.st_mode) && status.st_rdev == 0 ? Kind::whiteout : Kind::other;
}

void TreeWriter::remove(const PathParts &path) {
    const int parent = parent_of(path, false);
    if (parent < 0)
        fail("remove", join(path));
    base::remove_tree(proc_path(parent, path.back()));
    parents_.clear();
}

base::UniqueFd TreeWriter::create_file(const PathParts &path) {
    const int parent = parent_of(path, true);
    base::UniqueFd fd(
        ::openat(parent, path.back().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd)
        fail("create file", join(path));
    return fd;
}

void TreeWriter::create_directory(const PathParts &path) {
    if (::mkdirat(parent_of(path, true), path.back().c_str(), 0755) < 0)
        fail("create directory", join(path));
}

void TreeWriter::create_symlink(const PathParts &path, const std::string &target) {
    if (::symlinkat(target.c_str(), parent_of(path, true), path.back().c_str()) < 0)
        fail("create symbolic link", join(path));
}

void TreeWriter::create_node(const PathParts &path, mode_t type, unsigned major, unsigned minor) {
    if (::mknodat(parent_of(path, true), path.back().c_str(), type | 0600, makedev(major, minor)) < 0)
        fail("create device", join(path));
}

void TreeWriter::create_hard_link(const PathParts &path, const PathParts &target) {
    if (target.empty())
        throw base::Error("refused archive member \"" + join(path)
                          + "\": it is a hard link to the root directory");
    const int to = parent_of(path, true);
    // The cache may drop `to` while it looks up the other parent.
    const base::UniqueFd kept(::fcntl(to, F_DUPFD_CLOEXEC, 3));
    const int from = parent_of(target, false);
    if (from < 0 || ::linkat(from, target.back().c_str(), kept.get(), path.back().c_str(), 0) < 0)
        fail("link " + join(path) + " to", join(target));
}

void TreeWriter::apply_xattrs(int parent, const std::string &name, const TarEntry &entry) {
    for (const auto &[key, value] : entry.xattrs) {
        if (is_overlay_xattr(key))
            continue;
        if (::lsetxattr(proc_path(parent, name).c_str(), key.c_str(), value.data(), value.size(), 0) == 0)
            continue;
        // What the file system has no notion of can't matter on it (labels of an absent security module).
        if (errno != ENOTSUP && (privileged_ || errno != EPERM))
            fail("set attribute " + key + " of", entry.name);
    }
}

void TreeWriter::set_metadata(const PathParts &path, const TarEntry &entry) {
    const bool is_root = path.empty();
    const int parent = is_root ? root_ : parent_of(path, true);
    const std::string name = is_root ? "." : path.back();
    if (privileged_ && ::fchownat(parent, name.c_str(), entry.uid, entry.gid, AT_SYMLINK_NOFOLLOW) < 0)
        fail("set owner of", entry.name);
    if (entry.type != TarType::symlink && ::fchmodat(parent, name.c_str(), entry.mode, 0) < 0)
        fail("set mode of", entry.name);
    apply_xattrs(parent, name, entry);
    if (entry.type == TarType::directory)
        return;
    const timespec times[2] = {entry.mtime, entry.mtime};
    if (::utimensat(parent, name.c_str(), times, AT_SYMLINK_NOFOLLOW) < 0)
        fail("set times of", entry.name);
}

void TreeWriter::set_file_metadata(int fd, const TarEntry &entry) {
    if (privileged_ && ::fchown(fd, entry.uid, entry.gid) < 0)
        fail("set owner of", entry.name);
    // After the owner, whose change clears setuid bits and file capabilities.
    if (::fchmod(fd, entry.mode) < 0)
        fail("set mode of", entry.name);
    for (const auto &[key, value] : entry.xattrs)
        if (!is_overlay_xattr(key) && ::fsetxattr(fd, key.c_str(), value.data(), value.size(), 0) < 0
            && errno != ENOTSUP && (privileged_ || errno != EPERM))
            fail("set attribute " + key + " of", entry.name);
    const timespec times[2] = {entry.mtime, entry.mtime};
    if (::futimens(fd, times) < 0)
        fail("set times of", entry.name);
}

void TreeWriter::set_xattr(const PathParts &directory, const char *name, std::string_view value) {
    const base::UniqueFd fd = open_directory(join(directory), true);
    if (!fd || ::fsetxattr(fd.get(), name, value.data(), value.size(), 0) < 0)
        fail(std::string("set attribute ") + name + " of", join(directory));
}

void TreeWriter::set_directory_time(const PathParts &path, const timespec &mtime) {
    const base::UniqueFd fd(open_beneath(root_, join(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd)
        return;
    const timespec times[2] = {mtime, mtime};
    if (::futimens(fd.get(), times) < 0)
        fail("set times of", join(path));
}

} // namespace image
