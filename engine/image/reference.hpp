// Names of images as Docker writes and reads them. Pure text; no I/O.
#pragma once

#include <compare>
#include <string>
#include <string_view>

namespace image {

// registry/repository:tag@digest with Docker's defaults filled in: "redis" is docker.io, library/redis,
// latest.
struct Reference {
    std::string registry;   // "docker.io", "localhost:5000", "[::1]:5000"
    std::string repository; // "library/redis"; never empty, always lower case
    std::string tag;        // empty only when there is a digest
    std::string digest;     // "sha256:" and 64 hex digits, or empty

    // @throws base::Error (exit code 1) that quotes the text and says which rule it breaks.
    static Reference parse(std::string_view text);

    // As a person writes it: "redis:7-alpine", "ghcr.io/org/app@sha256:...".
    [[nodiscard]] std::string familiar() const;
    [[nodiscard]] std::string familiar_repository() const;
    // Unambiguous, the key of the store: "docker.io/library/redis:7-alpine".
    [[nodiscard]] std::string canonical() const;
    // "docker.io/library/redis".
    [[nodiscard]] std::string canonical_repository() const;

    auto operator<=>(const Reference &) const = default;
};

// "sha256:" followed by exactly 64 lower-case hex digits.
[[nodiscard]] bool is_sha256_digest(std::string_view text);

} // namespace image
