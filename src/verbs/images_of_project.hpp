// Makes sure a project's images are in the store, pulling by policy, and gives what containers need of them.
#pragma once

#include "compose/model.hpp"
#include "compose/plan/blueprint.hpp"
#include "engine/image/store.hpp"
#include "terminal/progress.hpp"
#include "verbs/context.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>

namespace cli {

struct PullSettings {
    std::string policy;           // instead of each service's own: always, missing, never
    bool always_ask = false;      // an explicit `pull` asks the registry whatever is there
    bool ignore_failures = false; // go on; failed ones are returned
    bool quiet = false;           // no layers
    bool patient = true;          // try again and again where a registry does not answer
    int parallel = 4;             // images at once; -1 is no limit
};

struct PullReport {
    std::map<std::string, std::string> failed; // service -> why
};

// Pulls what the policy asks for, several images at once, each image once however many services share it.
// @throws base::Error for the first image that can't be had.
PullReport pull_images(const Context &context, const compose::Project &project,
                       const std::set<std::string> &services, const PullSettings &settings,
                       Progress &progress);

// The image a service is run from: for its platform, or for this machine's. nullopt when it is not there.
[[nodiscard]] std::optional<image::Image> find_image(const image::Store &store,
                                                     const compose::Service &service);

// @throws base::Error that says how to get the image when it isn't there.
[[nodiscard]] plan::ImageInfo image_info(const image::Store &store, const compose::Service &service);

// Services whose containers `up` of these targets (all when empty) is about.
[[nodiscard]] std::set<std::string> with_dependencies(const compose::Project &project,
                                                      const std::vector<std::string> &targets,
                                                      bool dependencies);

} // namespace cli
