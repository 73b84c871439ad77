#include "engine/image/usage.hpp"

#include "base/disk_usage.hpp"
#include "engine/image/layers.hpp"
#include "engine/image/reachable.hpp"

#include <map>

namespace image {

namespace {

// Bytes on the disk of each blob and layer, by name.
struct Sizes {
    std::map<std::string, std::int64_t> blobs;
    std::map<std::string, std::int64_t> layers;

    explicit Sizes(const base::Paths &paths) {
        const Content content(paths);
        const Layers directories(paths);
        for (const std::string &name : base::list_dir(content.blobs()))
            blobs[name] = base::disk_usage(content.blobs() / name).value;
        for (const std::string &name : base::list_dir(directories.root()))
            layers[name] = base::disk_usage(directories.root() / name).value;
    }

    // @param counted names that do not count.
    [[nodiscard]] std::int64_t of(const Reachable &reachable, const Reachable &counted = {}) const {
        return sum(blobs, reachable.blobs, counted.blobs) + sum(layers, reachable.layers, counted.layers);
    }

  private:
    static std::int64_t sum(const std::map<std::string, std::int64_t> &sizes,
                            const std::set<std::string> &names, const std::set<std::string> &counted) {
        std::int64_t bytes = 0;
        for (const std::string &name : names)
            if (const auto found = sizes.find(name); found != sizes.end() && !counted.contains(name))
                bytes += found->second;
        return bytes;
    }
};

Reachable reach_of_image(const Content &content, const Index &index, const std::string &id) {
    Reachable reachable;
    for (const IndexEntry &entry : index.entries)
        if (entry.image_id == id)
            reachable.add(reach_image(content, entry));
    return reachable;
}

Reachable in_several(const std::vector<Reachable> &reaches) {
    Reachable once;
    Reachable several;
    for (const Reachable &reach : reaches) {
        for (const std::string &blob : reach.blobs)
            if (!once.blobs.insert(blob).second)
                several.blobs.insert(blob);
        for (const std::string &layer : reach.layers)
            if (!once.layers.insert(layer).second)
                several.layers.insert(layer);
    }
    return several;
}

} // namespace

StoreUsage usage(const Store &store, const std::set<std::string> &used) {
    const base::Paths &paths = store.paths();
    const Content content(paths);
    const Index index = Index::read(paths);
    const Sizes sizes(paths);
    StoreUsage result;

    std::vector<Reachable> reaches;
    Reachable of_images;
    Reachable of_used;
    for (Image &image : store.list()) {
        reaches.push_back(reach_of_image(content, index, image.id));
        of_images.add(reaches.back());
        if (used.contains(image.id))
            of_used.add(reaches.back());
        result.images.push_back({std::move(image), {sizes.of(reaches.back())}, {}});
    }
    for (const std::string &id : used)
        if (is_sha256_digest(id)) {
            of_used.add(reach_config(content, id));
            of_images.add(reach_config(content, id));
        }
    const Reachable shared = in_several(reaches);
    for (std::size_t i = 0; i < reaches.size(); ++i)
        result.images[i].shared.value = result.images[i].size.value - sizes.of(reaches[i], shared);

    Reachable of_cache;
    for (const CachedStep &step : LayerCache(paths).all()) {
        ++result.cached_steps;
        of_cache.add(reach_step(step));
    }
    result.cache_size.value = sizes.of(of_cache, of_images) + base::disk_usage(paths.images() / "cache").value
                              + base::disk_usage(paths.images() / "build").value;
    result.images_size.value = base::disk_usage(paths.images()).value - result.cache_size.value;
    result.images_unused.value = sizes.of(of_images, of_used);
    return result;
}

} // namespace image
