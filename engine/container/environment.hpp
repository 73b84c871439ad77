// The environment and command line a program gets, as Docker composes them. Pure.
#pragma once

#include "engine/container/spec.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace container {

// PATH, HOSTNAME and TERM come first, then the container's own values, then `over`; a later NAME=VALUE
// replaces an earlier one in its place, a bare NAME removes it. HOME is added when it is missing or empty.
[[nodiscard]] std::vector<std::string> compose_environment(const Spec &spec,
                                                           const std::vector<std::string> &over,
                                                           const std::string &home, bool tty);

// Where to look for `program`: itself when it has a slash, else below each directory of PATH.
[[nodiscard]] std::vector<std::string> candidates(const std::string &program,
                                                  const std::vector<std::string> &environment);

} // namespace container
