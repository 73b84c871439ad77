#include "supervisor/restart_machine.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <array>
#include <utility>

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
    // Without a start since the last exit it failed to start, and ran for no time.
    const auto started = std::exchange(started_, std::nullopt);
    const base::Duration ran = started ? base::Duration(now - *started) : base::Duration(0);
    if (ran >= settled)
        backoff_ = base::Duration(0);
    if (policy_.window && policy_.window->count() > 0 && ran >= *policy_.window)
        attempts_ = 0;
    const bool wanted = policy_.kind == RestartPolicy::Kind::always
                        || policy_.kind == RestartPolicy::Kind::unless_stopped
                        || (policy_.kind == RestartPolicy::Kind::on_failure && exit_code != 0);
    if (!wanted || stopped_by_user_ || (policy_.max_attempts > 0 && attempts_ >= policy_.max_attempts)) {
        // Whoever starts it next is the user, whose start begins anew.
        attempts_ = 0;
        backoff_ = base::Duration(0);
        return std::nullopt;
    }
    ++attempts_;
    if (policy_.delay) // at least the shortest back-off, or a broken container keeps a processor busy
        return now + std::max(*policy_.delay, first_backoff);
    backoff_ = backoff_.count() == 0 ? first_backoff : std::min(backoff_ * 2, longest_backoff);
    return now + backoff_;
}

} // namespace supervisor
