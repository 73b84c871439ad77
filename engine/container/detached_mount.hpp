// Mounts that are attached nowhere yet, made by descriptor in the parent. See rootfs.hpp for their life.
#pragma once

#include "base/fd.hpp"
#include "engine/container/spec_mounts.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace container {

using MountOptions = std::vector<std::pair<std::string, std::string>>;

// A new instance of a file system; attributes are MOUNT_ATTR_*. source is what mountinfo shows, the type when
// empty. @throws base::SystemError naming the option.
[[nodiscard]] base::UniqueFd make_filesystem(const char *type, const MountOptions &options,
                                             std::uint64_t attributes, const std::string &source = {});

struct TreeOptions {
    bool recursive = true;
    bool read_only = false;
    bool read_only_below = true; // for the mounts below, too
    Propagation propagation = Propagation::rprivate;
    std::uint64_t attributes = 0; // MOUNT_ATTR_* to set besides
    int user_namespace = -1;      // whose id mapping the copy has; -1: as it is
};

// A copy of what is mounted at directory `at` (AT_FDCWD), path; an empty path is `at` itself. Symbolic links
// are followed. @throws base::SystemError with `subject`; base::Error when ids can't be mapped there.
[[nodiscard]] base::UniqueFd clone_tree(int at, const std::string &path, const TreeOptions &options,
                                        const std::string &subject);

// True when the mount's root is a directory.
[[nodiscard]] bool is_directory(int mount);

} // namespace container
