// What the store takes on the disk, and for what. Everything is counted once: the sizes of images and of the
// build cache together are what du(1) says of the store's directory. Blocks for a walk of the whole store.
#pragma once

#include "base/units.hpp"
#include "engine/image/store.hpp"

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace image {

struct ImageUsage {
    Image image;
    base::Bytes size;   // blobs and unpacked layers
    base::Bytes shared; // of that, what other images need, too
};

struct StoreUsage {
    std::vector<ImageUsage> images; // newest first
    base::Bytes images_size;        // with leftovers and the index
    base::Bytes images_unused;      // of that, what no image in use needs
    std::size_t cached_steps = 0;
    base::Bytes cache_size; // records, mounts of builds, layers that nothing but the cache needs
};

// @param used ids of images that containers use.
[[nodiscard]] StoreUsage usage(const Store &store, const std::set<std::string> &used);

} // namespace image
