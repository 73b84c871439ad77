// What a scanner writes of an image, and how it is told of the image. Pure. Source: moby/buildkit
// docs/attestations/sbom-protocol.md; its scanners write in-toto statements, others the documents themselves.
#pragma once

#include "engine/image/attestation.hpp"
#include "engine/image/reference.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace build {

struct SbomDocument {
    std::string predicate_type;
    std::string predicate; // a JSON object, in one line

    bool operator==(const SbomDocument &) const = default;
};

// One file of a scanner. @param subject for messages. @throws base::Error when it is neither a document nor a
// statement.
[[nodiscard]] SbomDocument parse_sbom_document(std::string_view text, const std::string &subject);

// For the cache: documents as one text. @throws base::Error when it is damaged.
[[nodiscard]] std::string join_sbom_documents(const std::vector<SbomDocument> &documents);
[[nodiscard]] std::vector<SbomDocument> split_sbom_documents(std::string_view text);

// @param image the manifest with its platform.
[[nodiscard]] std::vector<image::Statement> sbom_statements(const std::vector<SbomDocument> &documents,
                                                            const std::vector<image::Reference> &names,
                                                            const image::Descriptor &image);

} // namespace build
