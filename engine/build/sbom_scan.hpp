// Runs the scanner that `--sbom` names on what was built. Blocks.
#pragma once

#include "engine/build/image_origins.hpp"
#include "engine/build/layer_step.hpp"
#include "engine/build/sbom.hpp"

#include <vector>

namespace build {

// From the cache, where the same scanner has seen the same files. @param scanner its image, for this machine.
// @param image what is scanned. @returns at least one. @throws base::Error when the scanner fails or what it
// writes is no document; image::Cancelled. @pre workshop.options.sbom.
[[nodiscard]] std::vector<SbomDocument> scan(const Workshop &workshop, Reporter &reporter,
                                             const ImageOrigins::Found &scanner, const LayerStack &image);

} // namespace build
