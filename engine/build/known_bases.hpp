// What the images set that stages begin with, for who only checks a Dockerfile: no layer is fetched. Blocks.
#pragma once

#include "engine/build/build_options.hpp"
#include "engine/image/store.hpp"

namespace build {

// Of the store, else of the registry; none where neither can tell. References are kept.
[[nodiscard]] BaseConfigs known_bases(image::Store &store, const BuildOptions &options);

} // namespace build
