// What the steps of a build gave, for `cache_to`. Thread-safe.
#pragma once

#include "engine/build/plan.hpp"
#include "engine/image/layer_cache.hpp"

#include <mutex>
#include <string>
#include <vector>

namespace build {

struct MadeStep {
    std::size_t stage = 0; // its index
    const Step *step = nullptr;
    std::string key; // empty: it was found by its definition
    image::CachedStep result;
};

class MadeSteps {
  public:
    void add(MadeStep step) {
        const std::lock_guard lock(mutex_);
        steps_.push_back(std::move(step));
    }

    // @pre nobody adds any more.
    [[nodiscard]] const std::vector<MadeStep> &all() const { return steps_; }

  private:
    std::mutex mutex_;
    std::vector<MadeStep> steps_;
};

} // namespace build
