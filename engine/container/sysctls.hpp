// Which kernel parameters a container may set: those that its own namespaces have a copy of.
#pragma once

#include "engine/container/spec.hpp"

#include <map>
#include <string>

namespace container {

// What to write, by name below /proc/sys: Docker's own settings and the specification's. Pure.
// @throws base::Error for a parameter that would change the host, or another container.
[[nodiscard]] std::map<std::string, std::string> effective_sysctls(const Spec &spec);

} // namespace container
