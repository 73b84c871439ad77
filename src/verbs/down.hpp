// What `down` does, for other verbs that end with it.
#pragma once

#include "verbs/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cli {

struct DownOptions {
    std::vector<std::string> services;
    std::string rmi;
    std::optional<int> timeout;
    bool remove_orphans = false;
    bool volumes = false;
};

// Returns the exit status. @throws base::Error with what could not be removed.
int run_down(const Context &context, const DownOptions &options);

} // namespace cli
