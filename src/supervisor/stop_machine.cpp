#include "supervisor/stop_machine.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>

namespace supervisor {

using namespace stop;

namespace {

std::string signal_name(int signal) {
    const char *name = sigabbrev_np(signal);
    return name ? std::string("SIG") + name : "signal " + std::to_string(signal);
}

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

Actions StopMachine::step(const Event &event, SteadyTime now) {
    if (const auto *requested = std::get_if<Requested>(&event))
        return phase_ == Phase::killed ? Actions{} : request(requested->request, now);
    if (phase_ == Phase::idle)
        return {};
    if (std::holds_alternative<Exited>(event)) {
        phase_ = Phase::idle;
        return {SetTimer{}, Stopped{}};
    }
    if (phase_ == Phase::waiting && request_.grace && now >= due_) {
        const bool waited = *request_.grace > base::Duration::zero();
        return kill(waited ? "did not end within " + base::format_duration(*request_.grace) + " of "
                                 + signal_name(request_.signal)
                           : std::string());
    }
    return {};
}

Actions StopMachine::request(const StopRequest &request, SteadyTime now) {
    const bool again = phase_ == Phase::waiting;
    request_ = request;
    if (request.signal == SIGKILL)
        return kill({});
    if (!request.heard && request.grace)
        return kill(
            "its first process neither handles " + signal_name(request.signal)
            + " nor has an init that would (init: true, or exec in the entrypoint, lets it stop cleanly)");

    phase_ = Phase::waiting;
    Actions actions;
    if (!again)
        actions.emplace_back(SendSignal{request.signal});
    if (request.grace) {
        due_ = now + *request.grace;
        actions.emplace_back(SetTimer{due_});
    } else {
        actions.emplace_back(SetTimer{});
    }
    return actions;
}

Actions StopMachine::kill(std::string reason) {
    phase_ = Phase::killed;
    return {SetTimer{}, Kill{std::move(reason)}};
}

bool hears_signal(std::string_view proc_status, int signal, bool init_process) {
    if (init_process || signal == SIGKILL)
        return true;
    const auto caught = signal_mask(proc_status, "\nSigCgt:");
    const auto blocked = signal_mask(proc_status, "\nSigBlk:");
    if (!caught || !blocked || signal < 1 || signal > 64)
        return true;
    return ((*caught | *blocked) >> (signal - 1)) & 1U;
}

} // namespace supervisor
