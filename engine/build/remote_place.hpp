// Where files that were fetched are kept: images/build/remote.
#pragma once

#include "base/paths.hpp"

#include <filesystem>
#include <string>

namespace build {

[[nodiscard]] std::filesystem::path remote_root(const base::Paths &paths);

// Moves a directory there, unless somebody else was faster with the same. It is on the same file system.
void keep_remote(const base::Paths &paths, const std::filesystem::path &made, const std::string &name);

} // namespace build
