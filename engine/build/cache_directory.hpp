// RUN --mount=type=cache: directories that outlive the build, images/build/mounts/HASH. Blocks.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "engine/build/cancellation.hpp"
#include "engine/build/origin_files.hpp"

#include <filesystem>

namespace build {

struct CacheDirectory {
    std::filesystem::path path;
    base::UniqueFd lock; // held while it is used
};

struct CacheRequest {
    const base::Paths &paths;
    const RunStep::From &from;
    const OpenOrigin &open;
    const Cancellation &cancellation;
};

// Made when it is missing, with the content, mode and owner the mount names. sharing=locked waits for whoever
// uses it, sharing=private takes another one that nobody uses. @throws image::Cancelled
// while it waits; base::Error, e.g. for a source that is missing.
[[nodiscard]] CacheDirectory open_cache(const CacheRequest &request);

} // namespace build
