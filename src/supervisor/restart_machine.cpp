#include "supervisor/restart_machine.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>

namespace supervisor {

namespace {

using namespace std::chrono_literals;

constexpr base::Duration first_backoff = 100ms;
constexpr base::Duration longest_backoff = 1min;
constexpr base::Duration settled = 10s;
constexpr std::array<const char *, 4> kinds = {"no", "always", "on-failure", "unless-stopped"};

} // namespace

base::Json to_json(const RestartPolicy &policy) {
    base::Json json{{"policy", kinds.at(static_cast<std::size_t>(policy.kind))},
                    {"max_attempts", policy.max_attempts}};
    if (policy.delay)
        json["delay"] = policy.delay->count();
    if (policy.window)
        json["window"] = policy.window->count();
    return json;
}

RestartPolicy restart_policy_from_json(const base::Json &json) {
    RestartPolicy policy;
    const auto name = base::json_or<std::string>(json, "policy", "no");
    const auto found = std::find(kinds.begin(), kinds.end(), name);
    if (found != kinds.end())
        policy.kind = static_cast<RestartPolicy::Kind>(found - kinds.begin());
    policy.max_attempts = base::json_or<int>(json, "max_attempts", 0);
    if (json.contains("delay"))
        policy.delay = base::Duration(base::json_or<std::int64_t>(json, "delay", 0));
    if (json.contains("window"))
        policy.window = base::Duration(base::json_or<std::int64_t>(json, "window", 0));
    return policy;
}

void RestartMachine::started(SteadyTime now) {
    started_ = now;
    stopped_by_user_ = false;
}

std::optional<SteadyTime> RestartMachine::exited(int exit_code, SteadyTime now) {
    const base::Duration ran = started_ ? base::Duration(now - *started_) : base::Duration(0);
    if (ran >= settled)
        backoff_ = base::Duration(0);
    if (ran >= policy_.window.value_or(settled))
        attempts_ = 0;
    const bool wanted = policy_.kind == RestartPolicy::Kind::always
                        || policy_.kind == RestartPolicy::Kind::unless_stopped
                        || (policy_.kind == RestartPolicy::Kind::on_failure && exit_code != 0);
    if (!wanted || stopped_by_user_ || (policy_.max_attempts > 0 && attempts_ >= policy_.max_attempts))
        return std::nullopt;
    ++attempts_;
    if (policy_.delay)
        return now + *policy_.delay;
    backoff_ = backoff_.count() == 0 ? first_backoff : std::min(backoff_ * 2, longest_backoff);
    return now + backoff_;
}

} // namespace supervisor
