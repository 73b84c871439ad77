// The process that a keeper starts for one project: serves the control API, runs the containers, and ends
// when nothing of the project runs any more.
#pragma once

#include <string>

namespace supervisor {

// @pre started by a keeper. Returns the exit status: 0 when the project is over, so that the keeper ends too.
[[nodiscard]] int run(const std::string &project);

} // namespace supervisor
