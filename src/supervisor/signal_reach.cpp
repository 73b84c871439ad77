#include "supervisor/signal_reach.hpp"

#include <charconv>
#include <csignal>
#include <cstdint>
#include <optional>

namespace supervisor {

namespace {

// The mask of a line such as "SigCgt:\t0000000000004002".
std::optional<std::uint64_t> signal_mask(std::string_view status, std::string_view key) {
    const std::size_t line = status.find(key);
    if (line == std::string_view::npos)
        return std::nullopt;
    const std::size_t digits = status.find_first_not_of(" \t", line + key.size());
    if (digits == std::string_view::npos)
        return std::nullopt;
    std::uint64_t mask = 0;
    const char *end = status.data() + status.size();
    if (std::from_chars(status.data() + digits, end, mask, 16).ec != std::errc{})
        return std::nullopt;
    return mask;
}

} // namespace

bool reaches_first_process(std::string_view proc_status, int signal) {
    if (signal == SIGKILL || signal == SIGSTOP || signal < 1 || signal > 64)
        return true;
    const auto caught = signal_mask(proc_status, "\nSigCgt:");
    const auto blocked = signal_mask(proc_status, "\nSigBlk:");
    if (!caught || !blocked)
        return true;
    return ((*caught | *blocked) >> (signal - 1)) & 1U;
}

} // namespace supervisor
