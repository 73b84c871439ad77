// Health of one container by Docker's rules (moby daemon/health.go). Pure: no I/O, no clock.
#pragma once

#include "base/json_fwd.hpp"
#include "base/units.hpp"
#include "compose/plan/observed.hpp"
#include "supervisor/restart_machine.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace supervisor {

struct HealthConfig {
    std::vector<std::string> argv; // what a probe executes; empty: no health check
    base::Duration interval = std::chrono::seconds(30);
    base::Duration timeout = std::chrono::seconds(30);
    base::Duration start_period{0};
    base::Duration start_interval = std::chrono::seconds(5);
    int retries = 3;
};

[[nodiscard]] base::Json to_json(const HealthConfig &config);
[[nodiscard]] HealthConfig health_config_from_json(const base::Json &json);

class HealthMachine {
  public:
    HealthMachine() = default;

    explicit HealthMachine(HealthConfig config) : config_(std::move(config)) {}

    [[nodiscard]] bool enabled() const { return !config_.argv.empty(); }

    [[nodiscard]] const HealthConfig &config() const { return config_; }

    [[nodiscard]] plan::Health health() const { return health_; }

    [[nodiscard]] int failing_streak() const { return streak_; }

    // The container runs: the time of the first probe. Failures in the start period don't count.
    SteadyTime started(SteadyTime now);
    // A probe ended (a timeout or a probe that can't run counts as failed): the time of the next. As in
    // Docker it belongs to the start period when it began there.
    SteadyTime probed(bool passed, SteadyTime began, SteadyTime now);
    void stopped();

  private:
    HealthConfig config_;
    plan::Health health_ = plan::Health::none;
    SteadyTime start_period_ends_{};
    bool start_period_over_ = false; // by time, or because a probe passed
    int streak_ = 0;
};

} // namespace supervisor
