// The files of an unpacked image archive or an OCI layout directory. Their names come from the archive and
// are resolved beneath its directory only. Blocks.
#pragma once

#include "base/fd.hpp"
#include "base/json_fwd.hpp"
#include "engine/image/content.hpp"
#include "engine/image/decompress.hpp"
#include "engine/image/manifest.hpp"

#include <optional>
#include <string>

namespace image {

class ArchiveFiles {
  public:
    // @param ours the directory is a temporary one on the store's file system: files are linked, not copied.
    ArchiveFiles(base::UniqueFd directory, bool ours) : directory_(std::move(directory)), ours_(ours) {}

    // nullopt when missing. @throws base::Error when it is larger than any document.
    [[nodiscard]] std::optional<std::string> document(const std::string &name) const;
    [[nodiscard]] std::optional<base::Json> json(const std::string &name) const;

    [[nodiscard]] bool has(const std::string &name) const { return static_cast<bool>(open(name)); }

    struct Stored {
        std::string digest;
        std::int64_t size = 0;
        Compression compression = Compression::none;
    };

    // Brings a file into the store. @param expected its digest if known. @throws base::Error when it is
    // missing or has another digest.
    [[nodiscard]] Stored store(const Content &content, const std::string &name,
                               const std::string &expected = {}) const;

  private:
    [[nodiscard]] base::UniqueFd open(const std::string &name) const;

    base::UniqueFd directory_;
    bool ours_;
};

// The name of a blob in an OCI layout.
[[nodiscard]] std::string layout_name(const std::string &digest);

} // namespace image
