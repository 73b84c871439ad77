// Pushes what services are built as.
#pragma once

#include "compose/model.hpp"
#include "terminal/progress.hpp"
#include "verbs/context.hpp"

#include <map>
#include <set>
#include <string>

namespace cli {

struct PushSettings {
    bool ignore_failures = false; // go on; failed ones are returned
    bool quiet = false;           // no layers
    int parallel = 4;             // images at once; -1 is no limit
};

// Pushes the images of those services that have a build section, with their tags; services without one, and
// those whose image nobody named, are skipped. Each name once, however many services share it.
// @returns why services failed. @throws base::Error for the first failure unless they are ignored.
std::map<std::string, std::string> push_images(const Context &context, const compose::Project &project,
                                               const std::set<std::string> &services,
                                               const PushSettings &settings, Progress &progress);

// The names to push a service's image by, as written; none when it is to be skipped.
[[nodiscard]] std::vector<std::string> names_to_push(const compose::Project &project,
                                                     const compose::Service &service);

} // namespace cli
