#include "engine/network/record_cache.hpp"

#include <cerrno>

namespace network {

std::optional<FileStamp> FileStamp::of(const base::fs::path &path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return std::nullopt;
        base::throw_errno("look at", path.string());
    }
    return FileStamp{status.st_ino, status.st_size,
                     std::chrono::seconds(status.st_mtim.tv_sec)
                         + std::chrono::nanoseconds(status.st_mtim.tv_nsec)};
}

bool FileStamp::settled() const {
    constexpr auto tick = std::chrono::milliseconds(20); // 1/100 s at the coarsest, with a margin
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return modified + tick < now;
}

} // namespace network
