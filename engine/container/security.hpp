// From what a specification says about privileges to what the kernel is given.
#pragma once

#include "engine/container/capabilities.hpp"
#include "engine/container/seccomp.hpp"
#include "engine/container/spec.hpp"

#include <string>
#include <vector>

namespace container {

struct Confinement {
    CapabilitySet capabilities;
    const SeccompProgram *filter = nullptr; // null: unconfined. Lives as long as the cache
};

// privileged: for an exec that asks for it; the container may be so by itself.
// @throws base::Error for an unknown capability or a profile that can't be read.
[[nodiscard]] Confinement confine(const Spec &spec, bool privileged, SeccompCache &cache,
                                  std::vector<std::string> &warnings);

} // namespace container
