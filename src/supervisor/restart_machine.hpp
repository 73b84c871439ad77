// Whether and when an ended container starts again. Pure: no I/O, no clock.
#pragma once

#include "base/json_fwd.hpp"
#include "base/units.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace supervisor {

using SteadyTime = std::chrono::steady_clock::time_point;

struct RestartPolicy {
    enum class Kind { no, always, on_failure, unless_stopped };
    Kind kind = Kind::no;
    int max_attempts = 0;                 // 0: no limit; for on_failure and deploy.restart_policy
    std::optional<base::Duration> delay;  // between attempts, instead of the growing backoff
    std::optional<base::Duration> window; // a run this long makes the attempts count from zero
};

[[nodiscard]] base::Json to_json(const RestartPolicy &policy);
[[nodiscard]] RestartPolicy restart_policy_from_json(const base::Json &json);

// Waits 100 ms, then twice as long each time, at most a minute; a run of ten seconds starts that over
// (moby daemon/restartmanager). A stop by the user cancels it.
class RestartMachine {
  public:
    RestartMachine() = default;

    explicit RestartMachine(RestartPolicy policy) : policy_(policy) {}

    void started(SteadyTime now);

    void stopped_by_user() { stopped_by_user_ = true; }

    // The time of the next start; nullopt: it stays exited.
    [[nodiscard]] std::optional<SteadyTime> exited(int exit_code, SteadyTime now);

    [[nodiscard]] int attempts() const { return attempts_; }

    [[nodiscard]] const RestartPolicy &policy() const { return policy_; }

  private:
    RestartPolicy policy_;
    bool stopped_by_user_ = false;
    int attempts_ = 0;
    base::Duration backoff_{0};
    std::optional<SteadyTime> started_;
};

} // namespace supervisor
