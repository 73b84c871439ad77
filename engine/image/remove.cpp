// Store: taking images away and collecting what nobody needs any more.
#include "base/disk_usage.hpp"
#include "base/error.hpp"
#include "base/remove_tree.hpp"
#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layer_cache.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/lookup.hpp"
#include "engine/image/members.hpp"
#include "engine/image/reachable.hpp"
#include "engine/image/store.hpp"

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

// Whether a container uses the image, of whichever platform.
bool uses(const std::set<std::string> &used, const Content &content, const Index &index,
          const std::string &id) {
    if (used.contains(id))
        return true;
    for (const IndexEntry &entry : index.entries)
        if (entry.image_id == id && entry.list)
            for (const Member &member : members_of(content, entry))
                if (!member.attestation && used.contains(member.image_id()))
                    return true;
    return false;
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

// Away under a name that no one looks up, so that a kill in the middle leaves no half layer under its own.
void discard_layer(const base::fs::path &root, const std::string &name) {
    const base::fs::path trash = root / (".trash-" + name);
    base::remove_tree(trash);
    if (::rename((root / name).c_str(), trash.c_str()) < 0)
        base::throw_errno("remove layer", (root / name).string());
    base::remove_tree(trash);
}

// What it took on the disk.
base::Bytes remove_measured(const base::fs::path &path) {
    const base::Bytes bytes = base::disk_usage(path);
    base::remove_tree(path);
    return bytes;
}

} // namespace

std::set<std::string> Store::all_used(std::set<std::string> used) const {
    if (in_use_)
        used.merge(in_use_());
    return used;
}

Removed Store::remove(std::string_view name_or_id, const std::set<std::string> &used, bool force) {
    Removed removed;
    const Content content(paths_);
    Index::update(paths_, [&](Index &index) {
        const auto match = look_up(index, name_or_id);
        if (!match)
            throw_no_image_of_its_own(content, index, name_or_id);
        const auto names = names_of(index, match->image_id);
        const bool is_used = uses(used, content, index, match->image_id);
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
    removed.reclaimed = collect_garbage(used).reclaimed;
    return removed;
}

Removed Store::prune(bool all, const std::set<std::string> &used,
                     const std::function<bool(const ImageConfig &)> &wanted) {
    Removed removed;
    const Content content(paths_);
    const auto is_wanted = [&](const std::string &id) {
        const auto text = wanted ? content.document(id) : std::nullopt;
        return !text || wanted(ImageConfig::parse(*text, id));
    };
    {
        const auto alone = base::FileLock::try_acquire(paths_.lock("images-use"));
        if (!alone)
            return {.postponed = true};
        const std::set<std::string> spared = all_used(used);
        Index::update(paths_, [&](Index &index) {
            std::set<std::string> ids;
            for (const IndexEntry &entry : index.entries)
                ids.insert(entry.image_id);
            for (const std::string &id : ids)
                if (!uses(spared, content, index, id) && (all || names_of(index, id).empty())
                    && is_wanted(id))
                    remove_id(index, id, false, removed);
        });
    }
    if (all && !wanted)
        removed.reclaimed = prune_build_cache(used).reclaimed;
    else
        removed.reclaimed = collect_garbage(used).reclaimed;
    return removed;
}

Collected Store::prune_build_cache(const std::set<std::string> &used) {
    base::Bytes reclaimed;
    {
        // A build holds the store from its beginning to its end.
        const auto alone = base::FileLock::try_acquire(paths_.lock("images-use"));
        if (!alone)
            return {.postponed = true};
        for (const char *name : {"cache", "build/mounts", "build/contexts", "build/remote"})
            reclaimed.value += remove_measured(paths_.images() / name).value;
    }
    Collected collected = collect_garbage(used);
    collected.reclaimed.value += reclaimed.value;
    return collected;
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
    const Reachable reachable = reach_all(content, Index::read(paths_), LayerCache(paths_), all_used(used));
    const auto take = [&](const base::fs::path &path) {
        collected.reclaimed.value += remove_measured(path).value;
    };

    for (const std::string &name : base::list_dir(layers.root())) {
        if (reachable.layers.contains(name))
            continue;
        if (name.starts_with('.')) {
            take(layers.root() / name);
            continue;
        }
        collected.reclaimed.value += base::disk_usage(layers.root() / name).value;
        ++collected.layers;
        discard_layer(layers.root(), name);
    }
    for (const std::string &name : base::list_dir(content.blobs())) {
        if (reachable.blobs.contains(name))
            continue;
        ++collected.blobs;
        take(content.blobs() / name);
    }
    for (const std::string &name : base::list_dir(content.root()))
        if (name.find(".tmp.") != std::string::npos)
            take(content.root() / name);
    for (const auto &directory : {content.partials(), content.temporaries()})
        for (const std::string &name : base::list_dir(directory))
            take(directory / name);
    return collected;
}

} // namespace image
