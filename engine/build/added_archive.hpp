// Archives that ADD unpacks: tar, as it is or compressed with gzip, bzip2, xz or zstd. Blocks.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

namespace build {

// By its content, whatever its name. The descriptor's position is at the start afterwards.
[[nodiscard]] bool is_archive(int file, const std::string &name);

// Into that directory, never out of it. owner: whose everything is, instead of what the archive says.
// @throws base::Error when it is damaged or hostile.
void unpack_archive(int file, const std::string &name, int directory,
                    const std::optional<std::pair<uid_t, gid_t>> &owner);

} // namespace build
