// A layer's directory as a tar stream in the form of the OCI image specification: the inverse of unpack().
// Blocks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace image {

struct PackOptions {
    // Seconds since 1970. What is younger gets this time, in the directory as well: the same content then has
    // the same digest whenever it was made.
    std::optional<std::int64_t> latest;
    // Whose a file is in the archive, of whom it belongs to in the directory; none: the same.
    std::function<std::pair<uid_t, gid_t>(uid_t, gid_t)> owner;
    // What is mounted in the directory is an empty directory or file in the archive.
    bool one_mount = false;
    // For a directory that others write to meanwhile: what became shorter is filled up with zeros, what
    // became longer is cut, what was removed is left out; gets a sentence about the first and the last. None:
    // an error.
    std::function<void(const std::string &sentence)> on_change;
};

struct PackResult {
    std::uint64_t bytes = 0;   // of regular files, hard links once
    std::uint64_t entries = 0; // members of the archive
};

// dir is any directory, or the upper one of an overlay that is no longer mounted: character devices 0:0 and
// trusted.overlay.opaque become ".wh." names, the overlay's other attributes are left out, so are sockets.
// The order is that of the names' bytes, so that equal directories give equal streams. The root itself is no
// member. @throws base::SystemError naming the file; base::Error for a directory that the overlay renamed
// instead of copying it, which no other file system understands.
PackResult pack(int dir, const std::function<void(std::string_view)> &sink, const PackOptions &options = {});

// One entry of dir, with all that is below it, as the member `as`. A symbolic link is not followed.
PackResult pack_entry(int dir, const std::string &name, const std::string &as,
                      const std::function<void(std::string_view)> &sink, const PackOptions &options = {});

} // namespace image
