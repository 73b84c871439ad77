#include "engine/build/image_origins.hpp"

#include "base/error.hpp"
#include "engine/build/in_toto.hpp"
#include "engine/image/pull.hpp"

namespace build {

namespace {

std::string digest_of(const image::Image &image, const image::Reference &name) {
    for (const std::string &pulled : image.digests)
        if (pulled.starts_with(name.familiar_repository() + "@"))
            return pulled.substr(pulled.find('@') + 1);
    return image.manifest_digest;
}

} // namespace

image::Image ImageOrigins::fetch(const std::string &name, const image::Platform &platform) {
    const image::Reference reference = image::Reference::parse(name);
    if (!options_.pull) {
        if (auto present = store_.find(name, platform))
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

ImageOrigins::Found ImageOrigins::find(const std::string &name, const image::Platform &platform) {
    const image::Image image = fetch(name, platform);
    const image::Reference reference = image::Reference::parse(name);
    Found found{image.config, {}, reference.familiar(), digest_of(image, reference)};
    found.layers.diff_ids = image.config.diff_ids;
    found.layers.blobs = ingest_.manifest(image.manifest_digest).layers;
    for (const base::fs::path &layer : image.layers)
        found.layers.directories.push_back(layer.string());
    found.layers.history = image.config.history;
    found.layers.created = image.config.created;
    return found;
}

const ImageOrigins::Found &ImageOrigins::get(const std::string &name, const image::Platform &platform) {
    std::promise<Found> mine;
    const std::shared_future<Found> *result = nullptr;
    bool is_mine = false;
    {
        const std::lock_guard lock(mutex_);
        const auto [place, is_new] = found_.try_emplace({name, platform});
        is_mine = is_new;
        if (is_new)
            place->second = mine.get_future().share();
        result = &place->second;
    }
    if (is_mine) {
        try {
            mine.set_value(find(name, platform));
        } catch (...) {
            mine.set_exception(std::current_exception());
        }
    }
    return result->get();
}

std::vector<Material> ImageOrigins::materials() const {
    std::vector<Material> materials;
    for (const auto &[origin, found] : found_) {
        const std::string &digest = found.get().digest;
        materials.push_back({package_url(image::Reference::parse(origin.first), origin.second), "sha256",
                             digest.substr(digest.find(':') + 1)});
    }
    return materials;
}

void ImageOrigins::prefetch(const std::vector<Origin> &images) {
    std::vector<std::future<void>> running;
    running.reserve(images.size());
    for (const Origin &image : images)
        running.push_back(std::async(std::launch::async, [&] {
            try {
                static_cast<void>(get(image.name, image.platform));
            } catch (const base::Error &) {
                // Kept for who asks again.
            }
        }));
    for (std::future<void> &each : running)
        each.get();
}

} // namespace build
