#include "engine/image/layer_cache.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/content.hpp"
#include "engine/image/layers.hpp"

namespace image {

namespace {

constexpr int version = 1;

// What can't be read is no record: the step is run again.
std::optional<CachedStep> read(const base::fs::path &file) {
    const auto text = base::read_file_if(file);
    if (!text || base::is_torn(*text))
        return std::nullopt;
    try {
        const base::Json json = base::parse_json(*text, file.string());
        if (base::json_or(json, "version", 0) != version)
            return std::nullopt;
        CachedStep step;
        step.below = base::json_or<std::vector<std::string>>(json, "below", {});
        const auto created = base::parse_rfc3339(base::json_or<std::string>(json, "created", ""));
        if (!created)
            return std::nullopt;
        step.created = *created;
        if (json.contains("layer"))
            step.layer = parse_descriptor(json["layer"], file.string());
        return step;
    } catch (const base::Error &) {
        return std::nullopt;
    }
}

} // namespace

base::fs::path LayerCache::file(const std::string &key, const char *suffix) const {
    return root() / (key.substr(7) + suffix);
}

std::optional<CachedStep> LayerCache::find(const std::string &key) const {
    auto step = read(file(key, ".json"));
    if (!step || !step->layer)
        return step;
    std::vector<std::string> chain = step->below;
    chain.push_back(step->layer->digest);
    const bool whole = Layers(paths_).exists(chain_ids(chain).back())
                       && Content(paths_).size(step->layer->digest) == step->layer->size;
    return whole ? step : std::nullopt;
}

void LayerCache::put(const std::string &key, const CachedStep &step) const {
    base::Json json{
        {"version", version}, {"created", base::format_rfc3339(step.created)}, {"below", step.below}};
    if (step.layer)
        json["layer"] = descriptor_json(*step.layer);
    base::make_dirs(root(), 0711);
    base::write_file_atomic(file(key, ".json"), base::pretty_json(json));
}

std::optional<std::string> LayerCache::find_fact(const std::string &key) const {
    auto text = base::read_file_if(file(key, ".fact"));
    return text && base::is_torn(*text) ? std::nullopt : text;
}

void LayerCache::put_fact(const std::string &key, const std::string &text) const {
    base::make_dirs(root(), 0711);
    base::write_file_atomic(file(key, ".fact"), text);
}

std::vector<CachedStep> LayerCache::all() const {
    std::vector<CachedStep> steps;
    for (const std::string &name : base::list_dir(root()))
        if (name.ends_with(".json"))
            if (auto step = read(root() / name))
                steps.push_back(*std::move(step));
    return steps;
}

void LayerCache::clear() const {
    base::remove_tree(root());
}

} // namespace image
