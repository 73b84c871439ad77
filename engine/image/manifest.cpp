#include "engine/image/manifest.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/reference.hpp"

#include <set>

namespace image {

namespace {

using base::Json;

constexpr std::size_t most_layers = 500; // what one overlay mount takes

Platform parse_platform(const Json &json) {
    return {base::json_or<std::string>(json, "os", ""), base::json_or<std::string>(json, "architecture", ""),
            base::json_or<std::string>(json, "variant", "")};
}

Manifest parse_image_manifest(const Json &json, const std::string &type, const std::string &subject) {
    Manifest manifest;
    manifest.media_type = type;
    manifest.config = parse_descriptor(json["config"], subject);
    const std::string &config_type = manifest.config.media_type;
    if (config_type != media_type::oci_config && config_type != media_type::docker_config
        && config_type != "application/octet-stream")
        throw base::Error(subject + " is not a container image but an artifact of type " + config_type,
                          "name an image that was built to be run");
    for (const Json &item : json["layers"]) {
        Descriptor layer = parse_descriptor(item, subject);
        if (layer.media_type.find("tar") == std::string::npos)
            throw base::Error(subject + ": a layer of unsupported type " + layer.media_type);
        manifest.layers.push_back(std::move(layer));
    }
    if (manifest.layers.size() > most_layers)
        throw base::Error(subject + ": " + std::to_string(manifest.layers.size())
                          + " layers, more than the 500 that can be mounted on each other");
    return manifest;
}

ManifestList parse_list(const Json &json, const std::string &subject) {
    ManifestList list;
    for (const Json &item : json["manifests"])
        list.manifests.push_back(parse_descriptor(item, subject));
    return list;
}

bool has_array(const Json &json, const char *key) {
    return json.contains(key) && json[key].is_array();
}

} // namespace

Descriptor parse_descriptor(const Json &json, const std::string &subject) {
    Descriptor descriptor;
    descriptor.media_type = base::json_or<std::string>(json, "mediaType", "");
    descriptor.digest = base::json_or<std::string>(json, "digest", "");
    descriptor.size = base::json_or<std::int64_t>(json, "size", -1);
    if (!is_sha256_digest(descriptor.digest))
        throw base::Error(subject + ": malformed digest \"" + descriptor.digest + "\"",
                          "only sha256 digests are supported");
    if (descriptor.size < 0)
        throw base::Error(subject + ": the size of " + descriptor.digest + " is missing or negative");
    if (json.contains("platform") && json["platform"].is_object())
        descriptor.platform = parse_platform(json["platform"]);
    if (json.contains("annotations") && json["annotations"].is_object())
        for (const auto &item : json["annotations"].items())
            if (item.value().is_string())
                descriptor.annotations[item.key()] = item.value().get<std::string>();
    return descriptor;
}

Json descriptor_json(const Descriptor &descriptor) {
    Json json{{"mediaType", descriptor.media_type}, {"digest", descriptor.digest}, {"size", descriptor.size}};
    if (descriptor.platform) {
        json["platform"] = {{"architecture", descriptor.platform->architecture},
                            {"os", descriptor.platform->os}};
        if (!descriptor.platform->variant.empty())
            json["platform"]["variant"] = descriptor.platform->variant;
    }
    if (!descriptor.annotations.empty())
        json["annotations"] = descriptor.annotations;
    return json;
}

std::string Manifest::json() const {
    Json list = Json::array();
    for (const Descriptor &layer : layers)
        list.push_back(descriptor_json(layer));
    return base::dump_json({{"schemaVersion", 2},
                            {"mediaType", media_type},
                            {"config", descriptor_json(config)},
                            {"layers", std::move(list)}});
}

bool is_attestation(const Descriptor &descriptor) {
    return descriptor.annotations.contains("vnd.docker.reference.type")
           || (descriptor.platform && descriptor.platform->os == "unknown");
}

std::string ManifestList::json() const {
    Json list = Json::array();
    for (const Descriptor &manifest : manifests)
        list.push_back(descriptor_json(manifest));
    return base::dump_json(
        {{"schemaVersion", 2}, {"mediaType", media_type::oci_index}, {"manifests", std::move(list)}});
}

const Descriptor &ManifestList::select(const Platform &platform, const std::string &subject) const {
    const Descriptor *best = nullptr;
    int best_distance = 0;
    std::set<std::string> available;
    for (const Descriptor &candidate : manifests) {
        if (is_attestation(candidate))
            continue;
        // A single-platform index often names no platform at all.
        const int distance = candidate.platform ? platform.distance_to(*candidate.platform) : 50;
        if (candidate.platform)
            available.insert(candidate.platform->normalized().text());
        if (distance >= 0 && (best == nullptr || distance < best_distance)) {
            best = &candidate;
            best_distance = distance;
        }
    }
    if (best != nullptr)
        return *best;
    std::string names;
    for (const std::string &name : available)
        names += (names.empty() ? "" : ", ") + name;
    throw base::Error(subject + " has no image for platform " + platform.normalized().text(),
                      names.empty() ? "its manifest list is empty" : "it is available for: " + names);
}

ManifestDocument parse_manifest(std::string_view text, const std::string &content_type,
                                const std::string &subject) {
    const Json json = base::parse_json(text, subject);
    try {
        if (!json.is_object())
            throw base::Error(subject + ": the manifest is not a JSON object");
        std::string type = base::json_or<std::string>(json, "mediaType", "");
        if (type.empty())
            type = content_type.substr(0, content_type.find(';'));
        const std::int64_t schema = base::json_or<std::int64_t>(json, "schemaVersion", 0);
        if (schema == 1 || type.starts_with("application/vnd.docker.distribution.manifest.v1+"))
            throw base::Error(subject + ": its manifest is of Docker's schema 1, which is not supported",
                              "ask the publisher to push the image again with a current tool");
        const bool list_type = type == media_type::oci_index || type == media_type::docker_list;
        const bool manifest_type = type == media_type::oci_manifest || type == media_type::docker_manifest;
        if (has_array(json, "manifests") && !manifest_type)
            return parse_list(json, subject);
        if (has_array(json, "layers") && json.contains("config") && !list_type)
            return parse_image_manifest(json, manifest_type ? type : media_type::oci_manifest, subject);
        throw base::Error(subject + ": its manifest is of an unsupported type"
                              + (type.empty() ? std::string{} : " (" + type + ")"),
                          "name an image that was built to be run");
    } catch (const nlohmann::json::exception &error) {
        throw base::Error(subject + ": malformed manifest: " + error.what());
    }
}

Manifest parse_attestation(std::string_view text, const std::string &subject) {
    const Json json = base::parse_json(text, subject);
    if (!json.is_object() || !has_array(json, "layers") || !json.contains("config"))
        throw base::Error(subject + " is not the manifest of an attestation");
    Manifest manifest;
    manifest.media_type = base::json_or<std::string>(json, "mediaType", media_type::oci_manifest);
    manifest.config = parse_descriptor(json["config"], subject);
    for (const Json &item : json["layers"])
        manifest.layers.push_back(parse_descriptor(item, subject));
    return manifest;
}

} // namespace image
