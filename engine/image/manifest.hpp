// Manifests and manifest lists of the OCI image specification and of Docker's schema 2. Pure.
#pragma once

#include "base/json_fwd.hpp"
#include "engine/image/platform.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace image {

namespace media_type {

constexpr const char *oci_manifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char *oci_index = "application/vnd.oci.image.index.v1+json";
constexpr const char *oci_config = "application/vnd.oci.image.config.v1+json";
constexpr const char *oci_layer = "application/vnd.oci.image.layer.v1.tar";
constexpr const char *oci_layer_gzip = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr const char *oci_layer_zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
constexpr const char *in_toto = "application/vnd.in-toto+json"; // a layer of an attestation
constexpr const char *docker_manifest = "application/vnd.docker.distribution.manifest.v2+json";
constexpr const char *docker_list = "application/vnd.docker.distribution.manifest.list.v2+json";
constexpr const char *docker_config = "application/vnd.docker.container.image.v1+json";

} // namespace media_type

// A pointer to a blob.
struct Descriptor {
    std::string media_type;
    std::string digest; // always a well-formed sha256
    std::int64_t size = 0;
    std::optional<Platform> platform;
    std::map<std::string, std::string> annotations;

    bool operator==(const Descriptor &) const = default;
};

struct Manifest {
    std::string media_type;
    Descriptor config;
    std::vector<Descriptor> layers; // lowest first

    [[nodiscard]] std::string json() const;
};

struct ManifestList {
    std::vector<Descriptor> manifests;

    // As an OCI image index.
    [[nodiscard]] std::string json() const;

    // The best match. @throws base::Error listing what there is when nothing runs on `platform`.
    [[nodiscard]] const Descriptor &select(const Platform &platform, const std::string &subject) const;
};

using ManifestDocument = std::variant<Manifest, ManifestList>;

// @param content_type as the registry gave it; the document's own mediaType wins, and without both its shape.
// @throws base::Error naming `subject`: not JSON, schema 1, an artifact that is no image, digests or sizes
// that are malformed, more layers than overlayfs mounts.
[[nodiscard]] ManifestDocument parse_manifest(std::string_view text, const std::string &content_type,
                                              const std::string &subject);

// The manifest of an attestation, which has the shape of an image's: its layers may be of any type.
// @throws base::Error as parse_manifest().
[[nodiscard]] Manifest parse_attestation(std::string_view text, const std::string &subject);

// Attestations and signatures are listed beside the images they speak of.
[[nodiscard]] bool is_attestation(const Descriptor &descriptor);

[[nodiscard]] Descriptor parse_descriptor(const base::Json &json, const std::string &subject);
[[nodiscard]] base::Json descriptor_json(const Descriptor &descriptor);

} // namespace image
