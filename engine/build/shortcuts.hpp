// Steps that an imported cache has by their definition, so that the stages they take files from need not be
// made: on a machine that never built this, a cache of the last stage alone is enough. Blocks.
#pragma once

#include "engine/build/definitions.hpp"
#include "engine/build/imported_caches.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>

namespace build {

struct Shortcuts {
    std::map<const Step *, std::string> definitions; // of the steps that are taken so
    std::set<std::size_t> on_demand;                 // indices of the stages that are not needed then
};

// None when nothing is imported, where the steps were made before, and for a cache that is to have every
// stage. @throws image::Cancelled.
[[nodiscard]] Shortcuts find_shortcuts(const Workshop &workshop, const Plan &plan, ImportedCaches &imports);

} // namespace build
