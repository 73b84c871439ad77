// Which blobs and layers of the store something needs. What a step of a build gave is needed by the cache.
#pragma once

#include "engine/image/content.hpp"
#include "engine/image/index.hpp"
#include "engine/image/layer_cache.hpp"

#include <set>
#include <string>

namespace image {

struct Reachable {
    std::set<std::string> blobs;  // by hex digest
    std::set<std::string> layers; // by hex chain id

    void add(const Reachable &other);
};

// Of one image: manifest, configuration and layers; for each platform, when it has a list.
[[nodiscard]] Reachable reach_image(const Content &content, const IndexEntry &entry);
// Of an image that is in no index any more, as containers need it: configuration and unpacked layers.
[[nodiscard]] Reachable reach_config(const Content &content, const std::string &image_id);
[[nodiscard]] Reachable reach_step(const CachedStep &step);

// All of it, for garbage collection. @param used ids of images that containers use.
[[nodiscard]] Reachable reach_all(const Content &content, const Index &index, const LayerCache &cache,
                                  const std::set<std::string> &used);

} // namespace image
