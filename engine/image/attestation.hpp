// What is said of an image, stored beside it: in-toto statements in a manifest of their own, which is in a
// list with the image's. Source: moby/buildkit docs/attestations/attestation-storage.md, with a configuration
// as of an image, which every registry takes.
#pragma once

#include "engine/image/content.hpp"
#include "engine/image/manifest.hpp"

#include <string>
#include <vector>

namespace image {

struct Statement {
    std::string predicate_type; // as in the text
    std::string text;           // JSON
};

// Blocks. @returns the member of the list. @param image what the statements are about.
[[nodiscard]] Descriptor put_attestation(const Content &content, const Descriptor &image,
                                         const std::vector<Statement> &statements);

} // namespace image
