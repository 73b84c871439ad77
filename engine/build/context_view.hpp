// What RUN --mount=type=bind shows, as a detached mount. Blocks.
#pragma once

#include "base/fd.hpp"
#include "engine/build/origin_files.hpp"

#include <filesystem>
#include <string>

namespace build {

struct ViewRequest {
    const OriginFiles &files;
    std::string source; // a directory or file in there; empty: all
    bool read_only = true;
    std::filesystem::path scratch; // an empty directory of its own, kept while the mount is used
};

// Of a context nothing is copied, but for a single file that may be written: an overlay hides what is ignored
// and takes what is written, which is lost. @throws base::Error when there is no such source.
[[nodiscard]] base::UniqueFd view_of(const ViewRequest &request);

} // namespace build
