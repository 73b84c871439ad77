#include "engine/image/attestation.hpp"

#include "base/json.hpp"

namespace image {

namespace {

constexpr const char *unknown = "unknown";

Descriptor put(const Content &content, const char *type, const std::string &text) {
    return {type, content.put(text), static_cast<std::int64_t>(text.size()), {}, {}};
}

} // namespace

Descriptor put_attestation(const Content &content, const Descriptor &image,
                           const std::vector<Statement> &statements) {
    Manifest manifest;
    manifest.media_type = media_type::oci_manifest;
    base::Json diff_ids = base::Json::array();
    for (const Statement &statement : statements) {
        Descriptor layer = put(content, media_type::in_toto, statement.text);
        layer.annotations["in-toto.io/predicate-type"] = statement.predicate_type;
        diff_ids.push_back(layer.digest);
        manifest.layers.push_back(std::move(layer));
    }
    const base::Json config{{"architecture", unknown},
                            {"os", unknown},
                            {"config", base::Json::object()},
                            {"rootfs", {{"type", "layers"}, {"diff_ids", std::move(diff_ids)}}}};
    manifest.config = put(content, media_type::oci_config, base::dump_json(config));
    Descriptor member = put(content, media_type::oci_manifest, manifest.json());
    member.platform = Platform{unknown, unknown, ""};
    member.annotations = {{"vnd.docker.reference.type", "attestation-manifest"},
                          {"vnd.docker.reference.digest", image.digest}};
    return member;
}

} // namespace image
