// RUN --mount=type=cache: directories that outlive the build, images/build/mounts/HASH. Blocks.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "engine/build/origin_files.hpp"

#include <filesystem>

namespace build {

struct CacheDirectory {
    std::filesystem::path path;
    base::UniqueFd lock; // held while it is used
};

// Made when it is missing, with the content, mode and owner the mount names. sharing=locked waits for whoever
// uses it, sharing=private takes another one that nobody uses.
[[nodiscard]] CacheDirectory open_cache(const base::Paths &paths, const RunStep::From &from,
                                        const OpenOrigin &open);

} // namespace build
