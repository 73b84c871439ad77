// Who a process is. A pid alone is reused; with its start time it is not.
#pragma once

#include "base/fd.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace container {

struct ProcessIdentity {
    pid_t pid = 0;
    std::uint64_t start_ticks = 0; // field 22 of /proc/PID/stat: clock ticks since boot
    bool operator==(const ProcessIdentity &) const = default;
};

struct ProcessStat {
    std::uint64_t start_ticks = 0;
    char state = '?';    // 'Z' is a zombie
    int wait_status = 0; // meaningful for a zombie; zero unless the reader may trace it
};

// The text of /proc/PID/stat, whose command name may hold spaces and parentheses.
[[nodiscard]] std::optional<ProcessStat> parse_process_stat(std::string_view text);

// nullopt when there is no such process.
[[nodiscard]] std::optional<ProcessStat> read_process_stat(pid_t pid);
[[nodiscard]] std::optional<ProcessIdentity> identify(pid_t pid);

// A pidfd for exactly this process: nullopt when it is gone, reaped or its pid is somebody else's. A zombie
// still opens. @throws base::SystemError for anything but ESRCH.
[[nodiscard]] std::optional<base::UniqueFd> open_verified(const ProcessIdentity &identity);

} // namespace container
