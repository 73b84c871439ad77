// Files of the web and of git repositories, on this machine: images/build/remote/HEX, which is never changed
// once it is there, and a record of what the web last said of an address. Blocks.
#pragma once

#include "base/paths.hpp"
#include "engine/build/cancellation.hpp"
#include "engine/build/remote_source.hpp"

#include <filesystem>
#include <string>

namespace build {

struct RemoteFiles {
    std::filesystem::path directory;
    std::string name;   // of the one file in there that is meant; ".": all
    std::string key;    // equal ones have equal files, with equal times
    std::string commit; // of a repository
};

// The file belongs to its owner alone (mode 0600) and has the time of the answer's Last-Modified, or 1970.
// Asks the server whether it has changed; with a checksum that is known already, nobody.
// @param checksum "sha256:...", or empty. @throws base::Error; image::Cancelled.
[[nodiscard]] RemoteFiles fetch_web_file(const base::Paths &paths, const std::string &url,
                                         const std::string &checksum, const Cancellation &cancellation);

// With the program git. Asks the server what the reference means now; a whole commit is asked for once.
// @throws base::Error with what git said; image::Cancelled.
[[nodiscard]] RemoteFiles fetch_repository(const base::Paths &paths, const GitSource &source,
                                           const Cancellation &cancellation);

// A directory with the files of a context that is not on this machine: a repository, an archive of the web,
// or a single file of the web, which is then a Dockerfile. @param cancel_fd as in BuildOptions.
[[nodiscard]] std::filesystem::path fetch_context(const base::Paths &paths, const std::string &context,
                                                  int cancel_fd);

} // namespace build
