// What the steps of a build gave, for the places of `cache_to`; of several platforms together.
#pragma once

#include "engine/image/cache_writer.hpp"

namespace build {

struct CacheableSteps {
    image::CacheSteps of_image; // of the stages whose layers are in the image
    image::CacheSteps all;      // for mode=max

    void add(const CacheableSteps &other) {
        of_image.steps.insert(other.of_image.steps.begin(), other.of_image.steps.end());
        all.steps.insert(other.all.steps.begin(), other.all.steps.end());
    }
};

} // namespace build
