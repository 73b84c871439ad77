// Unpacking a layer's tar stream into a directory. Whatever the archive says, nothing is written outside that
// directory: every path is resolved by the kernel beneath its descriptor, and no final symbolic link is
// followed. Blocks.
#pragma once

#include "engine/image/byte_source.hpp"

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <utility>

namespace image {

enum class Whiteouts {
    overlay,      // character device 0:0 and trusted.overlay.opaque
    user_overlay, // character device 0:0 and user.overlay.opaque, for overlay mounts in a user namespace
    none,         // .wh. names are ordinary files (a root file system, not a layer)
};

struct UnpackOptions {
    Whiteouts whiteouts = Whiteouts::overlay;
    // Limits against archives built to fill the disk or the memory; exceeding one is an error that names it.
    std::uint64_t max_bytes = 1ULL << 40; // of file content, holes included
    std::uint64_t max_entries = 20'000'000;
    std::size_t max_depth = 1024;
    // What the archive says of the directory itself, as of its own entries.
    bool describes_root = true;
    // Owners and device nodes as the archive says; false for an unprivileged import of plain files.
    bool privileged = true;
    // Whose a file is, of the owner the archive names (uid, gid); none: the same.
    std::function<std::pair<uid_t, gid_t>(uid_t, gid_t)> owner;
};

struct UnpackResult {
    std::uint64_t bytes = 0; // of regular files, holes included, hard links once
    std::uint64_t entries = 0;
};

// What is in dir already gives way, but for directories: they are merged. Layers want an empty one.
// @throws base::Error naming the entry: hostile or malformed archive, a limit, or base::SystemError (ENOSPC
// ...).
UnpackResult unpack(ByteSource &tar, int dir, const UnpackOptions &options = {});

} // namespace image
