#include "base/disk_usage.hpp"

#include "base/error.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <string_view>
#include <unistd.h>

namespace base {

namespace {

constexpr std::int64_t block = 512; // the unit of st_blocks
constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

} // namespace

// A directory on the way down, by what it is: its descriptor is not kept.
struct DiskUsage::Level {
    dev_t device = 0;
    ino_t inode = 0;
    std::vector<std::string> left; // directories in it that have not been read
};

void DiskUsage::count(const struct stat &status) {
    const bool shared = !S_ISDIR(status.st_mode) && status.st_nlink > 1;
    if (!shared || linked_.emplace(status.st_dev, status.st_ino).second)
        total_.value += status.st_blocks * block;
}

DiskUsage::Level DiskUsage::read(const UniqueFd &directory) {
    struct stat status {};

    check(::fstat(directory.get(), &status), "examine", "directory");
    Level level{status.st_dev, status.st_ino, {}};
    const auto close = [](DIR *stream) { ::closedir(stream); };
    UniqueFd own = directory.duplicate();
    const std::unique_ptr<DIR, decltype(close)> stream(::fdopendir(own.get()), close);
    if (!stream)
        throw_errno("read", "directory");
    (void)own.release();
    while (const dirent *entry = ::readdir(stream.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..")
            continue;
        if (::fstatat(directory.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
            continue; // gone meanwhile
        count(status);
        if (S_ISDIR(status.st_mode))
            level.left.emplace_back(name);
    }
    return level;
}

Bytes DiskUsage::add(const std::filesystem::path &path) {
    const Bytes before = total_;

    struct stat status {};

    if (::lstat(path.c_str(), &status) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return {};
        throw_errno("examine", path.string());
    }
    count(status);
    UniqueFd here(S_ISDIR(status.st_mode) ? ::open(path.c_str(), flags) : -1);
    std::vector<Level> way;
    if (here)
        way.push_back(read(here));
    while (!way.empty()) {
        if (!way.back().left.empty()) {
            const std::string name = std::move(way.back().left.back());
            way.back().left.pop_back();
            if (UniqueFd inner{::openat(here.get(), name.c_str(), flags)}) {
                here = std::move(inner);
                way.push_back(read(here));
            }
            continue;
        }
        way.pop_back();
        if (way.empty())
            break;
        here = UniqueFd(check(::openat(here.get(), "..", flags), "read", path.string()));
        // Somebody moved the directory away: the rest of this tree can't be found again.
        if (::fstat(here.get(), &status) < 0 || status.st_dev != way.back().device
            || status.st_ino != way.back().inode)
            break;
    }
    return {total_.value - before.value};
}

Bytes disk_usage(const std::filesystem::path &path) {
    return DiskUsage().add(path);
}

} // namespace base
