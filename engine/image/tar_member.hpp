// The header blocks of a tar member, as pax (POSIX.1-2001) has them. Pure; the same entry gives the same
// bytes.
#pragma once

#include "engine/image/tar_entry.hpp"

#include <string>

namespace image {

// A ustar header, after a pax header for what it has no room for: names beyond 100 bytes or ASCII, large ids
// and sizes, fractions of a second, extended attributes. The content follows, filled up with tar_padding().
// @pre the entry is not sparse; a link has size 0.
[[nodiscard]] std::string tar_member_header(const TarEntry &entry);

// Zeros that complete the last block of a content of that size.
[[nodiscard]] std::string tar_padding(std::uint64_t size);

// What ends an archive.
[[nodiscard]] std::string tar_end();

} // namespace image
