#include "base/file.hpp"

#include "base/error.hpp"

#include <sys/file.h>

#include <algorithm>
#include <dirent.h>
#include <fcntl.h>
#include <set>
#include <unistd.h>
#include <vector>

namespace base {

UniqueFd open_file(const fs::path &path, int flags, mode_t mode) {
    UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, mode));
    if (!fd)
        throw_errno("open", path.string());
    return fd;
}

UniqueFd open_dir(const fs::path &path) {
    return open_file(path, O_RDONLY | O_DIRECTORY);
}

UniqueFd open_dir_at(int dir, const std::string &name) {
    UniqueFd fd(::openat(dir, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd)
        throw_errno("open directory", name);
    return fd;
}

std::string read_all(int fd, const std::string &subject) {
    std::string data;

    struct stat status {};

    if (::fstat(fd, &status) == 0 && status.st_size > 0)
        data.reserve(static_cast<std::size_t>(status.st_size) + 1);
    char buffer[16384];
    for (;;) {
        const ssize_t count = ::read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw_errno("read", subject);
        if (count == 0)
            return data;
        data.append(buffer, static_cast<std::size_t>(count));
    }
}

std::string read_file(const fs::path &path) {
    const UniqueFd fd = open_file(path, O_RDONLY);
    return read_all(fd.get(), path.string());
}

std::optional<std::string> read_file_if(const fs::path &path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT || errno == ENOTDIR)
            return std::nullopt;
        throw_errno("open", path.string());
    }
    return read_all(fd.get(), path.string());
}

void write_all(int fd, std::string_view data, const std::string &subject) {
    while (!data.empty()) {
        const ssize_t count = ::write(fd, data.data(), data.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            throw_errno("write", subject);
        data.remove_prefix(static_cast<std::size_t>(count));
    }
}

void write_file_atomic(const fs::path &path, std::string_view data, mode_t mode, Durability durability) {
    const fs::path temporary = path.string() + ".tmp." + std::to_string(::gettid());
    try {
        const UniqueFd fd = open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode);
        write_all(fd.get(), data, path.string());
        if (::fchmod(fd.get(), mode) < 0)
            throw_errno("set mode of", path.string());
        if (durability == Durability::synced && ::fsync(fd.get()) < 0)
            throw_errno("sync", path.string());
        if (::rename(temporary.c_str(), path.c_str()) < 0)
            throw_errno("replace", path.string());
    } catch (...) {
        ::unlink(temporary.c_str());
        throw;
    }
    if (durability == Durability::synced)
        fsync_dir(path.parent_path());
}

void make_dirs(const fs::path &path, mode_t mode) {
    if (path.empty() || ::mkdir(path.c_str(), mode) == 0)
        return;
    if (errno == ENOENT) {
        make_dirs(path.parent_path(), mode);
        if (::mkdir(path.c_str(), mode) == 0)
            return;
    }
    const int error = errno;

    struct stat status {};

    if (error == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode))
        return;
    throw SystemError("create directory", error == EEXIST ? ENOTDIR : error, path.string());
}

void fsync_dir(const fs::path &path) {
    const UniqueFd fd = open_dir(path.empty() ? fs::path(".") : path);
    if (::fsync(fd.get()) < 0)
        throw_errno("sync", path.string());
}

void sync_together(const std::vector<fs::path> &paths) {
    std::set<dev_t> synced;
    for (const fs::path &path : paths) {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
        if (!fd && errno == ENOENT)
            continue;

        struct stat status {};

        if (!fd || ::fstat(fd.get(), &status) < 0)
            throw_errno("open", path.string());
        if (synced.insert(status.st_dev).second && ::syncfs(fd.get()) < 0)
            throw_errno("sync", path.string());
    }
}

bool is_torn(std::string_view text) {
    return text.find_first_not_of('\0') == std::string_view::npos;
}

std::vector<std::string> list_dir(const fs::path &path) {
    std::vector<std::string> names;
    DIR *stream = ::opendir(path.c_str());
    if (stream == nullptr) {
        if (errno == ENOENT)
            return names;
        throw_errno("read directory", path.string());
    }
    while (const dirent *entry = ::readdir(stream)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
    }
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
}

namespace {

UniqueFd open_lock(const fs::path &path) {
    make_dirs(path.parent_path());
    return open_file(path, O_RDWR | O_CREAT, 0644);
}

void lock_fully(int fd, int how, const fs::path &path) {
    while (::flock(fd, how) < 0)
        if (errno != EINTR)
            throw_errno("lock", path.string());
}

} // namespace

FileLock FileLock::acquire(const fs::path &path) {
    UniqueFd fd = open_lock(path);
    lock_fully(fd.get(), LOCK_EX, path);
    return FileLock(std::move(fd));
}

FileLock FileLock::acquire_shared(const fs::path &path) {
    UniqueFd fd = open_lock(path);
    lock_fully(fd.get(), LOCK_SH, path);
    return FileLock(std::move(fd));
}

std::optional<FileLock> FileLock::try_acquire(const fs::path &path) {
    UniqueFd fd = open_lock(path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
        return FileLock(std::move(fd));
    if (errno == EWOULDBLOCK)
        return std::nullopt;
    throw_errno("lock", path.string());
}

} // namespace base
