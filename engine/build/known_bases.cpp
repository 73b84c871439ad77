#include "engine/build/known_bases.hpp"

#include "base/error.hpp"
#include "engine/image/pull.hpp"

namespace build {

namespace {

// Empty for a directory, with which no stage can begin.
std::string image_of(const Origin &origin, const BuildOptions &options) {
    if (origin.kind == Origin::Kind::image)
        return origin.name;
    const auto *image = std::get_if<std::string>(&options.contexts.at(origin.name));
    return image == nullptr ? std::string() : *image;
}

} // namespace

BaseConfigs known_bases(image::Store &store, const BuildOptions &options) {
    return [&](const Origin &origin) -> std::optional<image::ImageConfig> {
        const std::string name = image_of(origin, options);
        if (name.empty())
            return std::nullopt;
        const auto present = store.find(name);
        if (present && origin.platform.distance_to(present->config.platform) >= 0)
            return present->config;
        image::PullOptions pull;
        pull.platform = origin.platform;
        pull.cancel_fd = options.cancel_fd;
        try {
            return image::fetch_config(store, image::Reference::parse(name), pull);
        } catch (const image::Cancelled &) {
            throw;
        } catch (const base::Error &) {
            return std::nullopt;
        }
    };
}

} // namespace build
