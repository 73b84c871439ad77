// Builds the images of services, each once however many services share it.
#pragma once

#include "compose/model.hpp"
#include "terminal/progress.hpp"
#include "verbs/build_request.hpp"
#include "verbs/context.hpp"

#include <optional>
#include <set>
#include <string>

namespace cli {

struct BuildSettings {
    BuildFlagValues flags;
    bool no_cache = false;
    bool pull = false;                 // ask the registry for base images that are there
    bool all_platforms = false;        // of `build.platforms`, not only the one that the service runs on
    bool quiet = false;                // no progress
    std::optional<base::Bytes> memory; // of all processes of a RUN step
};

// At the same time, but after those whose images they name as contexts, which are built, too. Services
// without a build section are left out.
// @throws base::LoadError at the instruction that fails; base::Error, with exit code 130 after Ctrl-C.
void build_images(const Context &context, const compose::Project &project,
                  const std::set<std::string> &services, const BuildSettings &settings, Progress &progress);

// Reads the Dockerfiles only, and shows errors and warnings. False when there are errors.
[[nodiscard]] bool check_builds(const Context &context, const compose::Project &project,
                                const std::set<std::string> &services);

} // namespace cli
