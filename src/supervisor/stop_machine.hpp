// Stopping a container: the signal, the grace period, SIGKILL; and no waiting for a process that cannot hear
// the signal. Pure: events and the time go in, actions come out.
#pragma once

#include "base/units.hpp"
#include "supervisor/restart_machine.hpp"

#include <csignal>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace supervisor {

struct StopRequest {
    int signal = SIGTERM;
    std::optional<base::Duration> grace = std::chrono::seconds(10); // nothing: wait for ever
    // Whether the container's first process reacts to the signal, see hears_signal(). When it does not and
    // the wait would end in SIGKILL anyway, it is killed at once.
    bool heard = true;
};

namespace stop {

// Events.
struct Requested { // again while stopping: the new grace period holds
    StopRequest request;
};

struct TimerFired {};

struct Exited {};

using Event = std::variant<Requested, TimerFired, Exited>;

// Actions.
struct SendSignal {
    int signal = 0;
    auto operator<=>(const SendSignal &) const = default;
};

struct SetTimer { // replaces the one timer there is; nothing: cancels it
    std::optional<SteadyTime> at;
    auto operator<=>(const SetTimer &) const = default;
};

struct Kill {           // every process of the container
    std::string reason; // for the user; empty when the grace period was none
    auto operator<=>(const Kill &) const = default;
};

struct Stopped {
    auto operator<=>(const Stopped &) const = default;
};

using Action = std::variant<SendSignal, SetTimer, Kill, Stopped>;
using Actions = std::vector<Action>;

} // namespace stop

class StopMachine {
  public:
    stop::Actions step(const stop::Event &event, SteadyTime now);

    [[nodiscard]] bool stopping() const { return phase_ != Phase::idle; }

  private:
    enum class Phase { idle, waiting, killed };

    stop::Actions request(const StopRequest &request, SteadyTime now);
    stop::Actions kill(std::string reason);

    Phase phase_ = Phase::idle;
    StopRequest request_;
    SteadyTime due_{};
};

// Whether a process with this /proc/PID/status text would notice the signal as the first process of a pid
// namespace: the kernel drops what such a process neither catches nor blocks. init_process: it is our init,
// which passes every signal on. Text that cannot be read counts as heard.
[[nodiscard]] bool hears_signal(std::string_view proc_status, int signal, bool init_process);

} // namespace supervisor
