// Shared by exec and run: variables given on the command line, copying between descriptors.
#pragma once

#include "base/input.hpp"
#include "engine/container/spawn.hpp"
#include "verbs/context.hpp"

#include <string>
#include <vector>

namespace cli {

// NAME=VALUE as given; NAME alone only when the project's environment has it.
[[nodiscard]] std::vector<std::string> given_environment(const Context &context,
                                                         const std::vector<std::string> &arguments);

// One read and the writes it takes. False at the end of `from`, or when nobody takes it any more.
[[nodiscard]] bool copy_some(int from, int to);
[[nodiscard]] bool copy_some(const base::Input &from, int to);

[[nodiscard]] container::WindowSize window_size();

} // namespace cli
