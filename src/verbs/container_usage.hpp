// What a running container uses, read from kernel files at one moment.
#pragma once

#include "supervisor/observer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace cli {

struct Usage {
    std::chrono::steady_clock::time_point time;
    std::chrono::nanoseconds cpu{0}; // of all processors, since the start
    // Bytes. Memory is without what the kernel could drop at once; without a limit the machine's memory.
    std::int64_t memory = 0, memory_limit = 0;
    std::int64_t received = 0, sent = 0; // over the networks of its own
    std::int64_t block_read = 0, block_written = 0;
    std::int64_t pids = 0;
};

// nullopt when it has ended meanwhile. @pre it has a process.
[[nodiscard]] std::optional<Usage> read_usage(const supervisor::ContainerInfo &info);

// Of one processor: two that are busy are 200.
[[nodiscard]] double cpu_percent(const Usage &before, const Usage &now);

// "1.953MiB": four digits, as `docker stats` shows memory.
[[nodiscard]] std::string binary_size(std::int64_t bytes);

} // namespace cli
