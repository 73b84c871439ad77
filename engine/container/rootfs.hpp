// Root file systems as detached mounts: they exist only as long as a descriptor, or a mount namespace that
// took them, does. Nothing appears on the host, so nothing can be left behind.
#pragma once

#include "base/fd.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace container {

enum class OverlayApi {
    automatic, // by descriptor, fsopen(2) with lowerdir+ (Linux 6.5), else as below
    mount,     // mount(2) in a throw-away mount namespace, any kernel
};

struct OverlayDirs {
    std::vector<std::string> layers; // lowest first; at most 500
    std::string upper;               // both empty: a read-only view of the layers
    std::string work;
    // Layers are seen through the id mapping of this user namespace (Linux 5.19), so that they keep their own
    // ids; upper has those of the host and must belong to the mapping's root. -1: everything as it is.
    int user_namespace = -1;
    // upper will be a layer: nothing in it may need this mount's own state to be understood (renamed
    // directories are copied, files whose owner changes too).
    bool makes_layer = false;
};

// Blocks under a millisecond. @throws base::SystemError naming the directory or option, base::Error when the
// layers can't be id-mapped.
[[nodiscard]] base::UniqueFd mount_overlay(const OverlayDirs &dirs, bool read_only,
                                           OverlayApi api = OverlayApi::automatic);

// Opens a path as a process with that root would, following its symbolic links but never leaving it.
// An invalid descriptor when it does not exist. @throws base::SystemError.
[[nodiscard]] base::UniqueFd open_in_root(int root, const std::string &path, int flags);

} // namespace container
