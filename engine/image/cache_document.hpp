// What steps of builds gave, in a form that other machines can read: an OCI manifest whose layers are those
// of the steps and whose configuration says which step made which. The configuration of an image can hold it
// as well. Pure. Described in docs/formats.md.
#pragma once

#include "base/units.hpp"
#include "engine/image/manifest.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace image {

namespace media_type {

constexpr const char *build_cache = "application/vnd.compose.build.cache.v1+json";

} // namespace media_type

// Says in the index of a directory which manifest has which tag (OCI image specification, annotations).
constexpr const char *tag_annotation = "org.opencontainers.image.ref.name";

struct CacheDocument {
    struct Layer {
        Descriptor blob; // where the document is, maybe compressed
        std::string diff_id;
    };

    struct Step {
        base::Timestamp created;
        std::optional<std::size_t> layer; // its index; none: the step changed no file
    };

    std::vector<Layer> layers;
    std::map<std::string, Step> steps; // by key, "sha256:..."

    // The steps alone, for the configuration of an image that has the layers.
    [[nodiscard]] std::string steps_json() const;
    // For a configuration of its own.
    [[nodiscard]] std::string config_json() const;
    [[nodiscard]] std::string manifest_json(const Descriptor &config) const;
};

// A manifest that may be a cache's, or an image's with a cache in its configuration.
struct CacheManifest {
    Descriptor config;
    std::vector<Descriptor> layers;
};

// Of a list (an image for several platforms) the best for `platform` has to be read instead: its descriptor.
// @throws base::Error naming `subject` for anything else, e.g. a cache that BuildKit wrote.
[[nodiscard]] std::variant<CacheManifest, Descriptor>
parse_cache_manifest(std::string_view text, const Platform &platform, const std::string &subject);

// nullopt: an image that has no cache in it. @throws base::Error when it does not fit the manifest.
[[nodiscard]] std::optional<CacheDocument>
parse_cache_config(std::string_view text, const CacheManifest &manifest, const std::string &subject);

} // namespace image
