#include "engine/image/cache_document.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/image/config.hpp"
#include "engine/image/reference.hpp"

namespace image {

namespace {

using base::Json;

constexpr int version = 1;
constexpr const char *buildkit_config = "application/vnd.buildkit.cacheconfig.v0";

[[noreturn]] void throw_malformed(const std::string &subject, const std::string &what) {
    throw base::Error(subject + " is no cache of a build: " + what, "write it again with `cache_to`");
}

Json steps_of(const CacheDocument &document) {
    Json steps = Json::array();
    for (const auto &[key, step] : document.steps) {
        Json item{{"key", key}, {"created", base::format_rfc3339(step.created)}};
        if (step.layer)
            item["layer"] = *step.layer;
        steps.push_back(std::move(item));
    }
    return steps;
}

void read_steps(const Json &json, CacheDocument &document, const std::string &subject) {
    if (base::json_or(json, "version", 0) != version)
        throw_malformed(subject, "it is of another version");
    if (!json.contains("steps") || !json["steps"].is_array())
        throw_malformed(subject, "it has no steps");
    for (const Json &item : json["steps"]) {
        if (!item.is_object())
            throw_malformed(subject, "a step is no object");
        const auto key = base::json_or<std::string>(item, "key", "");
        const auto created = base::parse_rfc3339(base::json_or<std::string>(item, "created", ""));
        if (!is_sha256_digest(key) || !created)
            throw_malformed(subject, "a step has no key or no time");
        CacheDocument::Step step{*created, {}};
        if (item.contains("layer")) {
            const auto layer = base::json_or<std::int64_t>(item, "layer", -1);
            if (layer < 0 || static_cast<std::size_t>(layer) >= document.layers.size())
                throw_malformed(subject, "a step names a layer that is not there");
            step.layer = static_cast<std::size_t>(layer);
        }
        document.steps.insert_or_assign(key, step);
    }
}

void add_layers(const std::vector<std::string> &diff_ids, const CacheManifest &manifest,
                CacheDocument &document, const std::string &subject) {
    if (diff_ids.size() != manifest.layers.size())
        throw_malformed(subject, "its manifest has " + std::to_string(manifest.layers.size())
                                     + " layers, its configuration " + std::to_string(diff_ids.size()));
    for (std::size_t i = 0; i < diff_ids.size(); ++i) {
        if (!is_sha256_digest(diff_ids[i]))
            throw_malformed(subject, "malformed digest \"" + diff_ids[i] + "\"");
        document.layers.push_back({manifest.layers[i], diff_ids[i]});
    }
}

std::vector<std::string> texts_at(const Json &json, const char *key, const std::string &subject) {
    std::vector<std::string> texts;
    if (!json.contains(key) || !json[key].is_array())
        throw_malformed(subject, std::string("it has no ") + key);
    for (const Json &item : json[key]) {
        if (!item.is_string())
            throw_malformed(subject, std::string("a value of ") + key + " is no text");
        texts.push_back(item.get<std::string>());
    }
    return texts;
}

} // namespace

std::string CacheDocument::steps_json() const {
    return base::dump_json({{"version", version}, {"steps", steps_of(*this)}});
}

std::string CacheDocument::config_json() const {
    Json diff_ids = Json::array();
    for (const Layer &layer : layers)
        diff_ids.push_back(layer.diff_id);
    return base::dump_json(
        {{"version", version}, {"steps", steps_of(*this)}, {"diff_ids", std::move(diff_ids)}});
}

std::string CacheDocument::manifest_json(const Descriptor &config) const {
    Json list = Json::array();
    for (const Layer &layer : layers)
        list.push_back(descriptor_json(layer.blob));
    return base::dump_json({{"schemaVersion", 2},
                            {"mediaType", media_type::oci_manifest},
                            {"config", descriptor_json(config)},
                            {"layers", std::move(list)}});
}

std::variant<CacheManifest, Descriptor> parse_cache_manifest(std::string_view text, const Platform &platform,
                                                             const std::string &subject) {
    const Json json = base::parse_json(text, subject);
    if (json.is_object() && json.contains("manifests") && json["manifests"].is_array()) {
        ManifestList list;
        for (const Json &item : json["manifests"]) {
            list.manifests.push_back(parse_descriptor(item, subject));
            if (list.manifests.back().media_type == buildkit_config)
                throw base::Error(subject + " is a cache of BuildKit's, which only BuildKit can use",
                                  "give this cache a name of its own");
        }
        return list.select(platform, subject);
    }
    if (!json.is_object() || !json.contains("config") || !json["config"].is_object()
        || !json.contains("layers") || !json["layers"].is_array())
        throw_malformed(subject, "it is no manifest");
    CacheManifest manifest{parse_descriptor(json["config"], subject), {}};
    if (manifest.config.media_type == buildkit_config)
        throw base::Error(subject + " is a cache of BuildKit's, which only BuildKit can use",
                          "give this cache a name of its own");
    for (const Json &item : json["layers"])
        manifest.layers.push_back(parse_descriptor(item, subject));
    return manifest;
}

std::optional<CacheDocument> parse_cache_config(std::string_view text, const CacheManifest &manifest,
                                                const std::string &subject) {
    CacheDocument document;
    if (manifest.config.media_type == media_type::build_cache) {
        const Json json = base::parse_json(text, subject);
        if (!json.is_object())
            throw_malformed(subject, "its configuration is no object");
        add_layers(texts_at(json, "diff_ids", subject), manifest, document, subject);
        read_steps(json, document, subject);
        return document;
    }
    const ImageConfig config = ImageConfig::parse(text, subject);
    if (config.build_cache.empty())
        return std::nullopt;
    add_layers(config.diff_ids, manifest, document, subject);
    const Json steps = base::parse_json(config.build_cache, subject);
    if (!steps.is_object())
        throw_malformed(subject, "its steps are no object");
    read_steps(steps, document, subject);
    return document;
}

} // namespace image
