// How an image was built, as a statement in SLSA's format, version 1. Pure. Source: moby/buildkit
// docs/attestations/slsa-definitions.md.
#pragma once

#include "engine/build/build_options.hpp"
#include "engine/image/attestation.hpp"

#include <string>
#include <vector>

namespace build {

// What came from elsewhere.
struct Material {
    std::string uri;       // "pkg:docker/alpine@3.17?platform=linux%2Famd64", an address of the web
    std::string algorithm; // "sha256"; "sha1" of a commit
    std::string hex;

    auto operator<=>(const Material &) const = default;
};

// Of a build for one platform.
struct BuildFacts {
    base::Timestamp started, finished;
    std::vector<Material> materials;
    bool hermetic = false; // no step had a network
};

// @pre options.provenance. @param image the manifest with its platform. @param invocation equal for all
// platforms of a build.
[[nodiscard]] image::Statement provenance(const BuildOptions &options, const BuildFacts &facts,
                                          const image::Descriptor &image, const std::string &invocation);

} // namespace build
