// Whether a stop signal can reach the first process of a container at all. Pure.
#pragma once

#include <string_view>

namespace supervisor {

// For a process with this /proc/PID/status text. The kernel drops what the first process of a pid namespace
// neither catches nor blocks; what it blocks it may take with sigwait(3) or signalfd(2). Text that cannot be
// read counts as reached.
[[nodiscard]] bool reaches_first_process(std::string_view proc_status, int signal);

} // namespace supervisor
