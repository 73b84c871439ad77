// A digest of the files that a COPY selects: of names, types, modes, link targets, content, and where they
// are kept owners and extended attributes; never of times. Blocks.
#pragma once

#include "engine/build/source_tree.hpp"
#include "engine/build/stat_cache.hpp"

#include <string>
#include <vector>

namespace build {

// "sha256:..." of every source in its order. Files that the cache remembers are not read.
// @throws base::SystemError, or base::Error when a file changes while it is read.
[[nodiscard]] std::string content_digest(const SourceTree &tree,
                                         const std::vector<std::vector<Selected>> &sources,
                                         const IgnoreRules &excluded, StatCache &cache);

} // namespace build
