// Why a variable is not set although the user wrote it down: an env_file feeds a container and never the
// Compose file, and a .env is read only in the project directory.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/locate.hpp"
#include "compose/node.hpp"

#include <map>
#include <string>

namespace compose {

// Adds a note to the warning of each unset variable that such a file defines; `unset` has the index of each
// warning among the diagnostics. `merged` is in canonical form. Reads those files only when a variable is
// unset; what is wrong in them is not its business.
void explain_unset(const std::multimap<std::string, std::size_t> &unset, const Node &merged,
                   const ProjectFiles &project, const LoadOptions &options, Diagnostics &diagnostics);

} // namespace compose
