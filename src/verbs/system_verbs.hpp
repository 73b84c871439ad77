// The parts of `compose system`.
#pragma once

#include "terminal/command_line.hpp"
#include "verbs/context.hpp"

namespace cli {

void add_system_df(Command &system, Context &context);
void add_system_prune(Command &system, Context &context);

} // namespace cli
