// What trees take on the disk, as du(1) counts: allocated blocks, directories too, every file once however
// many hard links it has. Blocks.
#pragma once

#include "base/fd.hpp"
#include "base/units.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace base {

class DiskUsage {
  public:
    // Never follows a symbolic link, holds two descriptors however deep the tree is, and may be used on trees
    // that others change meanwhile. What is missing counts nothing. @throws base::SystemError.
    // @returns what this tree adds to the total.
    Bytes add(const std::filesystem::path &path);

    [[nodiscard]] Bytes total() const { return total_; }

  private:
    struct Level;
    void count(const struct stat &status);
    [[nodiscard]] Level read(const UniqueFd &directory);

    Bytes total_;
    std::set<std::pair<dev_t, ino_t>> linked_; // files with several names that were counted
};

// Of one tree.
[[nodiscard]] Bytes disk_usage(const std::filesystem::path &path);

} // namespace base
