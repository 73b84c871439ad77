// The network a process of a build has. Pure.
#pragma once

#include "engine/build/build_options.hpp"

#include <string>

namespace build {

struct RunNetwork {
    container::NamespaceMode mode;
    std::string name; // of a network of this host; empty: one of the builds' own
};

// @param asked "default" (the build's), "none" or "host".
[[nodiscard]] RunNetwork run_network(const std::string &asked, const BuildOptions &options);

} // namespace build
