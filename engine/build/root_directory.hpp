// Paths in the file system of a step, as a process in there would see them.
#pragma once

#include "base/fd.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <utility>

namespace build {

// mkdir -p. What is made has mode 0755 and belongs to the owner (0:0 when none is given).
// @returns the directory, for reading. @throws base::Error when something else is in the way.
base::UniqueFd make_directories(int root, const std::string &path,
                                const std::optional<std::pair<uid_t, gid_t>> &owner = {});

// The absolute path within the root of what is open below it.
[[nodiscard]] std::string path_in_root(int root, int fd);

// Where a path leads, following links at its end, too: the same for one that does not exist.
[[nodiscard]] std::string real_path(int root, const std::string &path);

} // namespace build
