// Blobs by digest in the OCI layout under Paths::images(). A blob appears under its digest only when all of
// its bytes are there and match, by rename; so reading needs no lock. Blocks.
#pragma once

#include "base/digest.hpp"
#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/paths.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace image {

class Content {
  public:
    explicit Content(const base::Paths &paths) : root_(paths.images()) {}

    // @pre digest is a well-formed sha256.
    [[nodiscard]] base::fs::path path(const std::string &digest) const;

    [[nodiscard]] base::fs::path blobs() const { return root_ / "blobs" / "sha256"; }

    // Downloads under way or interrupted, by hex digest; the next download resumes them.
    [[nodiscard]] base::fs::path partial(const std::string &digest) const;

    [[nodiscard]] base::fs::path partials() const { return root_ / "partial"; }

    // Names without meaning after a crash.
    [[nodiscard]] base::fs::path temporaries() const { return root_ / "tmp"; }

    [[nodiscard]] base::fs::path new_temporary() const;

    [[nodiscard]] const base::fs::path &root() const { return root_; }

    // Makes the directories and the oci-layout file.
    void initialize() const;

    // Size of a whole blob; nullopt when it is not there.
    [[nodiscard]] std::optional<std::int64_t> size(const std::string &digest) const;
    // A manifest or configuration; nullopt when missing. @throws base::Error when it is damaged or too large.
    [[nodiscard]] std::optional<std::string> document(const std::string &digest) const;
    // Stores bytes; returns their digest.
    std::string put(std::string_view bytes) const;

  private:
    base::fs::path root_;
};

// A blob being written: hashed as it grows, named at the end, gone when abandoned.
class BlobWriter {
  public:
    explicit BlobWriter(const Content &content);
    BlobWriter(const BlobWriter &) = delete;
    BlobWriter &operator=(const BlobWriter &) = delete;
    ~BlobWriter();

    void write(std::string_view bytes);
    // Moves it into place. @param expected digest, or empty to take what came.
    // @throws base::Error when the digest differs.
    std::string commit(const std::string &expected = {});

    [[nodiscard]] std::int64_t size() const { return size_; }

  private:
    const Content &content_;
    base::fs::path temporary_;
    base::UniqueFd fd_;
    base::Sha256 hash_;
    std::int64_t size_ = 0;
};

// The error for bytes that are not what their digest promises.
[[noreturn]] void throw_wrong_digest(const std::string &subject, const std::string &expected,
                                     const std::string &actual);

} // namespace image
