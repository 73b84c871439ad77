// Builds an image from a Dockerfile into the store: stages in parallel, each step from the cache when it is
// there. Blocks until it is done; no thread, process or mount of it outlives the call.
#pragma once

#include "engine/build/build_options.hpp"
#include "engine/build/cacheable_steps.hpp"
#include "engine/build/provenance.hpp"
#include "engine/build/sbom.hpp"
#include "engine/image/store.hpp"

namespace build {

// What a build made for one platform. In the store, but of no image that anybody finds yet.
struct Built {
    image::Descriptor manifest;     // with its platform
    CacheableSteps steps;           // for `cache_to`
    BuildFacts facts;               // for the provenance
    std::vector<SbomDocument> sbom; // of a scanner, where one is asked for
};

// Errors in the Dockerfile and .dockerignore: all at once, with their places. Warnings become events.
// @throws base::LoadError for the Dockerfile, or at the instruction that failed; base::Error;
// image::Cancelled. What had been done stays in the cache.
image::Image build(image::Store &store, const BuildOptions &options);

// As build(), for publish(); the names are not used. @pre who calls holds the store until that is done.
[[nodiscard]] Built build_part(image::Store &store, const BuildOptions &options);

// Makes one image of what was built for one or several platforms, each of which is there once, under the
// names of the options; with what is attested of it, and writes the caches, they ask for.
image::Image publish(image::Store &store, const std::vector<Built> &parts, const BuildOptions &options);

// Only reads the Dockerfile, and what the images set it begins with: `compose build --check`. Errors and
// warnings, sorted. @throws image::Cancelled.
[[nodiscard]] std::vector<base::Diagnostic> lint(image::Store &store, const BuildOptions &options);

} // namespace build
