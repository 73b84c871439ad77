#include "supervisor/health_machine.hpp"

#include "base/json.hpp"

namespace supervisor {

base::Json to_json(const HealthConfig &config) {
    return {{"argv", config.argv},
            {"interval", config.interval.count()},
            {"timeout", config.timeout.count()},
            {"start_period", config.start_period.count()},
            {"start_interval", config.start_interval.count()},
            {"retries", config.retries}};
}

HealthConfig health_config_from_json(const base::Json &json) {
    HealthConfig config;
    const auto duration = [&](const char *key, base::Duration fallback) {
        return base::Duration(base::json_or<std::int64_t>(json, key, fallback.count()));
    };
    config.argv = base::json_or<std::vector<std::string>>(json, "argv", {});
    config.interval = duration("interval", config.interval);
    config.timeout = duration("timeout", config.timeout);
    config.start_period = duration("start_period", config.start_period);
    config.start_interval = duration("start_interval", config.start_interval);
    config.retries = base::json_or<int>(json, "retries", config.retries);
    return config;
}

SteadyTime HealthMachine::started(SteadyTime now) {
    health_ = plan::Health::starting;
    streak_ = 0;
    start_period_ends_ = now + config_.start_period;
    start_period_over_ = config_.start_period.count() == 0;
    return now + (start_period_over_ ? config_.interval : std::min(config_.start_interval, config_.interval));
}

SteadyTime HealthMachine::probed(bool passed, SteadyTime began, SteadyTime now) {
    if (began >= start_period_ends_)
        start_period_over_ = true;
    if (passed) {
        streak_ = 0;
        health_ = plan::Health::healthy;
        start_period_over_ = true;
    } else if (start_period_over_) {
        ++streak_;
        if (streak_ >= config_.retries)
            health_ = plan::Health::unhealthy;
    }
    if (now >= start_period_ends_)
        start_period_over_ = true;
    return now + (start_period_over_ ? config_.interval : std::min(config_.start_interval, config_.interval));
}

void HealthMachine::stopped() {
    health_ = plan::Health::none;
    streak_ = 0;
}

} // namespace supervisor
