// Finds the supervisor of a project, or starts one.
#pragma once

#include "base/paths.hpp"
#include "control/client.hpp"

#include <optional>
#include <string>

namespace cli {

// nullopt when none runs. A supervisor that was just killed counts as running: its keeper holds the socket
// and starts it again.
[[nodiscard]] std::optional<Client> connect_to_supervisor(const base::Paths &paths,
                                                          const std::string &project);

// Starts keeper and supervisor when none runs. Of several callers at once one starts it.
// @throws base::Error saying which directory or permission is missing.
[[nodiscard]] Client start_supervisor(const base::Paths &paths, const std::string &project);

} // namespace cli
