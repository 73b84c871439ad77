// Store: taking images away and collecting what nobody needs any more.
#include "base/error.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layer_cache.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/lookup.hpp"
#include "engine/image/store.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace image {

namespace {

std::vector<std::string> names_of(const Index &index, const std::string &id) {
    std::vector<std::string> names;
    for (const IndexEntry &entry : index.entries)
        if (entry.image_id == id && !entry.name.empty())
            names.push_back(entry.name);
    return names;
}

[[noreturn]] void in_use(std::string_view what) {
    throw base::Error("image " + std::string(what) + " is used by a container",
                      "stop and remove the container first (compose down), or force it");
}

void remove_id(Index &index, const std::string &id, bool used, Removed &removed) {
    for (const std::string &name : names_of(index, id)) {
        index.untag(name);
        removed.untagged.push_back(Reference::parse(name).familiar());
    }
    if (used)
        return;
    index.erase(id);
    removed.deleted.push_back(id);
}

struct Reachable {
    std::set<std::string> blobs;  // hex
    std::set<std::string> layers; // hex
};

void reach_config(const Content &content, const std::string &id, Reachable &reachable) {
    reachable.blobs.insert(id.substr(7));
    if (const auto text = content.document(id))
        for (const std::string &chain_id : chain_ids(ImageConfig::parse(*text, id).diff_ids))
            reachable.layers.insert(chain_id.substr(7));
}

void reach_cache(const LayerCache &cache, Reachable &reachable) {
    for (const CachedStep &step : cache.all()) {
        std::vector<std::string> chain = step.below;
        if (step.layer) {
            chain.push_back(step.layer->digest);
            reachable.blobs.insert(step.layer->digest.substr(7));
        }
        for (const std::string &chain_id : chain_ids(chain))
            reachable.layers.insert(chain_id.substr(7));
    }
}

Reachable reach(const Content &content, const Index &index, const LayerCache &cache,
                const std::set<std::string> &used) {
    Reachable reachable;
    reach_cache(cache, reachable);
    for (const IndexEntry &entry : index.entries) {
        reachable.blobs.insert(entry.manifest.digest.substr(7));
        reach_config(content, entry.image_id, reachable);
        const auto text = content.document(entry.manifest.digest);
        if (!text)
            continue;
        const auto document = parse_manifest(*text, "", entry.manifest.digest);
        if (const auto *manifest = std::get_if<Manifest>(&document))
            for (const Descriptor &layer : manifest->layers)
                reachable.blobs.insert(layer.digest.substr(7));
    }
    for (const std::string &id : used)
        if (is_sha256_digest(id))
            reach_config(content, id, reachable);
    return reachable;
}

std::int64_t stored_bytes(const base::fs::path &file) {
    struct stat status {};

    return ::stat(file.c_str(), &status) == 0 ? status.st_size : 0;
}

// Away under a name that no one looks up, so that a kill in the middle leaves no half layer under its own.
void discard_layer(const base::fs::path &root, const std::string &name) {
    const base::fs::path trash = root / (".trash-" + name);
    base::remove_tree(trash);
    if (::rename((root / name).c_str(), trash.c_str()) < 0)
        base::throw_errno("remove layer", (root / name).string());
    base::remove_tree(trash);
}

} // namespace

Removed Store::remove(std::string_view name_or_id, const std::set<std::string> &used, bool force) {
    Removed removed;
    Index::update(paths_, [&](Index &index) {
        const auto match = look_up(index, name_or_id);
        if (!match)
            throw_unknown_image(name_or_id);
        const auto names = names_of(index, match->image_id);
        const bool is_used = used.contains(match->image_id);
        if (!match->name.empty() && names.size() > 1) {
            index.untag(match->name);
            removed.untagged.push_back(Reference::parse(match->name).familiar());
            return;
        }
        if (is_used && !force)
            in_use(name_or_id);
        if (match->name.empty() && names.size() > 1 && !force)
            throw base::Error("image " + std::string(name_or_id) + " has several names",
                              "remove it by each name, or force it");
        remove_id(index, match->image_id, is_used, removed);
    });
    (void)collect_garbage(used);
    return removed;
}

Removed Store::prune(bool all, const std::set<std::string> &used) {
    Removed removed;
    Index::update(paths_, [&](Index &index) {
        std::set<std::string> ids;
        for (const IndexEntry &entry : index.entries)
            ids.insert(entry.image_id);
        for (const std::string &id : ids)
            if (!used.contains(id) && (all || names_of(index, id).empty()))
                remove_id(index, id, false, removed);
    });
    if (all)
        LayerCache(paths_).clear();
    (void)collect_garbage(used);
    return removed;
}

Collected Store::collect_garbage(const std::set<std::string> &used) {
    Collected collected;
    const auto alone = base::FileLock::try_acquire(paths_.lock("images-use"));
    if (!alone) {
        collected.postponed = true;
        return collected;
    }
    const auto lock = base::FileLock::acquire(paths_.lock("images"));
    const Content content(paths_);
    const Layers layers(paths_);
    const Reachable reachable = reach(content, Index::read(paths_), LayerCache(paths_), used);

    for (const std::string &name : base::list_dir(layers.root())) {
        if (reachable.layers.contains(name))
            continue;
        if (name.starts_with('.')) {
            base::remove_tree(layers.root() / name);
            continue;
        }
        collected.reclaimed.value += layers.size("sha256:" + name).value;
        ++collected.layers;
        discard_layer(layers.root(), name);
    }
    for (const std::string &name : base::list_dir(content.blobs())) {
        if (reachable.blobs.contains(name))
            continue;
        collected.reclaimed.value += stored_bytes(content.blobs() / name);
        ++collected.blobs;
        base::remove_tree(content.blobs() / name);
    }
    for (const std::string &name : base::list_dir(content.root()))
        if (name.find(".tmp.") != std::string::npos)
            base::remove_tree(content.root() / name);
    for (const auto &directory : {content.partials(), content.temporaries()})
        for (const std::string &name : base::list_dir(directory)) {
            collected.reclaimed.value += stored_bytes(directory / name);
            base::remove_tree(directory / name);
        }
    return collected;
}

} // namespace image
