#include "engine/build/image_origins.hpp"

#include "base/error.hpp"
#include "engine/image/pull.hpp"

namespace build {

image::Image ImageOrigins::fetch(const std::string &name, const image::Platform &platform) {
    const image::Reference reference = image::Reference::parse(name);
    if (!options_.pull) {
        auto present = store_.find(name);
        if (present && platform.distance_to(present->config.platform) >= 0)
            return *std::move(present);
    }
    const Reporter::Step step = reporter_.start("[internal] pull " + reference.familiar());
    image::PullOptions pull;
    pull.platform = platform;
    pull.cancelled = cancellation_.flag();
    pull.cancel_fd = options_.cancel_fd;
    try {
        image::Image image = image::pull(store_, reference, pull);
        step.done();
        return image;
    } catch (const base::Error &error) {
        step.failed(error.what());
        throw;
    }
}

const ImageOrigins::Found &ImageOrigins::get(const std::string &name, const image::Platform &platform) {
    const std::lock_guard lock(mutex_);
    const auto key = std::make_pair(name, platform);
    if (const auto known = found_.find(key); known != found_.end())
        return known->second;
    const image::Image image = fetch(name, platform);
    Found found{image.config, {}, image::Reference::parse(name).familiar()};
    found.layers.diff_ids = image.config.diff_ids;
    found.layers.blobs = ingest_.manifest(image.manifest_digest).layers;
    for (const base::fs::path &layer : image.layers)
        found.layers.directories.push_back(layer.string());
    found.layers.history = image.config.history;
    found.layers.created = image.config.created;
    return found_.emplace(key, std::move(found)).first->second;
}

} // namespace build
