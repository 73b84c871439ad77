#include "supervisor/status_text.hpp"

#include <fmt/format.h>

namespace supervisor {

namespace {

std::string since(const std::optional<base::Timestamp> &time, base::Timestamp now) {
    return base::format_age(time ? now - *time : base::Duration(0));
}

std::string health_suffix(plan::Health health) {
    switch (health) {
    case plan::Health::none:
        return "";
    case plan::Health::starting:
        return " (health: starting)";
    default:
        return " (" + plan::to_string(health) + ")";
    }
}

std::string code(const StateRecord &state) {
    return state.exit_known ? std::to_string(state.exit_code) : "?";
}

} // namespace

std::string status_text(const StateRecord &state, base::Timestamp now) {
    switch (state.status) {
    case plan::Status::created:
        return "Created";
    case plan::Status::running:
        return fmt::format("Up {}{}", since(state.started, now), health_suffix(state.health));
    case plan::Status::paused:
        return fmt::format("Up {} (Paused)", since(state.started, now));
    case plan::Status::restarting:
        return fmt::format("Restarting ({}) {} ago", code(state), since(state.finished, now));
    case plan::Status::exited:
        return fmt::format("Exited ({}) {} ago", code(state), since(state.finished, now));
    case plan::Status::dead:
        break;
    }
    return "Dead";
}

} // namespace supervisor
