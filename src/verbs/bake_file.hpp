// What `build` would do as a bake file, the JSON that `docker buildx bake` reads. Pure.
#pragma once

#include "base/json_fwd.hpp"
#include "compose/model.hpp"
#include "verbs/build_request.hpp"

#include <set>
#include <string>

namespace cli {

struct BakeSettings {
    BuildFlagValues flags;
    bool no_cache = false;
    bool pull = false;
    bool push = false;
    bool check = false;
};

// A target for each service that is built, those to build in the group "default". Text that bake would take
// for an expression is escaped.
[[nodiscard]] base::Json bake_file(const compose::Project &project, const std::set<std::string> &services,
                                   const BakeSettings &settings);

} // namespace cli
