// Digests of a build context's files, remembered with what stat(2) said of each: a file that has not changed
// is not read again. One file for each context under STATE/build/contexts; whoever saves last wins.
//
// As git's index: a file that changed shortly before it was read may change once more without any sign in its
// times, for the clock of files is coarse. It is not remembered, and read again by the next build.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace build {

class StatCache {
  public:
    // Remembers nothing beyond its life.
    StatCache() = default;
    // What a missing or damaged file holds is nothing.
    explicit StatCache(std::filesystem::path file);

    // The digest of a regular file (hex), remembered or made by `read`, which hashes its content.
    // path is relative to the context. Thread-safe.
    std::string digest(const std::string &path, const struct stat &status,
                       const std::function<std::string()> &read);

    // Writes what is new to the disk, if anything is; what was not asked for this time is kept.
    void save();

  private:
    struct Entry {
        std::int64_t size = 0;
        std::int64_t mtime = 0; // nanoseconds
        std::int64_t ctime = 0;
        std::uint64_t inode = 0;
        std::string digest;

        [[nodiscard]] bool matches(const struct stat &status) const;
    };

    void load(std::string_view text);

    std::filesystem::path file_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    bool changed_ = false;
};

} // namespace build
