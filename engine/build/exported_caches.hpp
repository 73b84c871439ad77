// Writing what the steps of a build gave to the places of `cache_to`. Blocks.
#pragma once

#include "engine/build/cacheable_steps.hpp"
#include "engine/build/definitions.hpp"
#include "engine/build/made_steps.hpp"
#include "engine/build/reporter.hpp"

#include <string>
#include <vector>

namespace build {

class ExportedCaches {
  public:
    // The options are kept. @pre all steps of the plan are made.
    ExportedCaches(const Workshop &workshop, const Plan &plan, const MadeSteps &made);

    // For the configuration of the image with these layers; empty when nothing asks for it.
    [[nodiscard]] std::string for_image(const std::vector<std::string> &diff_ids) const;

    // For write_caches(); none when nothing asks for them.
    [[nodiscard]] const CacheableSteps &steps() const { return steps_; }

  private:
    const BuildOptions &options_;
    CacheableSteps steps_;
};

struct CacheWriting {
    const base::Paths &paths;
    const BuildOptions &options;
    const Cancellation &cancellation;
    Reporter &reporter;
};

// To all places. @throws base::Error unless the place may fail; image::Cancelled.
void write_caches(const CacheWriting &writing, const CacheableSteps &steps);

// Whether `cache_to`, or the argument BUILDKIT_INLINE_CACHE=1 as for BuildKit, asks for anything.
[[nodiscard]] bool exports_cache(const BuildOptions &options);

} // namespace build
