#include "supervisor/gate.hpp"

#include <fmt/format.h>

namespace supervisor {

namespace {

using plan::Health;
using plan::Status;

bool has_ended(const StateRecord &state) {
    return state.status == Status::exited || state.status == Status::dead;
}

GateVerdict waiting() {
    return {GateStatus::waiting, ""};
}

GateVerdict failed(std::string reason) {
    return {GateStatus::failed, std::move(reason)};
}

GateVerdict open() {
    return {GateStatus::open, ""};
}

GateVerdict judge_started(const Replica &replica) {
    return replica.state.status == Status::created ? waiting() : open();
}

GateVerdict judge_healthy(const Replica &replica) {
    if (!replica.has_health_check)
        return failed(fmt::format("container {} has no healthcheck configured", replica.name));
    if (has_ended(replica.state))
        return failed(fmt::format("container {} exited ({})", replica.name, replica.state.exit_code));
    if (replica.state.health == Health::unhealthy)
        return failed(fmt::format("container {} is unhealthy", replica.name));
    return replica.state.health == Health::healthy ? open() : waiting();
}

GateVerdict judge_completed(const plan::Gate &gate, const Replica &replica) {
    if (!has_ended(replica.state))
        return waiting();
    if (replica.state.exit_code != 0)
        return failed(fmt::format("\"{}\" didn't complete successfully: exit {}", gate.service,
                                  replica.state.exit_code));
    return open();
}

GateVerdict judge_one(const plan::Gate &gate, const Replica &replica) {
    switch (gate.condition) {
    case plan::GateCondition::started:
        return judge_started(replica);
    case plan::GateCondition::healthy:
        return judge_healthy(replica);
    case plan::GateCondition::completed:
        break;
    }
    return judge_completed(gate, replica);
}

// The sentences of Docker Compose around what is wrong with the dependency.
GateVerdict failure(const plan::Gate &gate, const std::string &what) {
    if (gate.required)
        return failed("dependency failed to start: " + what);
    return {GateStatus::open_with_warning,
            fmt::format("optional dependency \"{}\" failed to start: {}", gate.service, what)};
}

GateVerdict incomplete(const plan::Gate &gate, const std::string &what) {
    if (gate.required)
        return failed("service " + what);
    return {GateStatus::open_with_warning, "optional dependency " + what};
}

} // namespace

GateVerdict judge(const plan::Gate &gate, const std::vector<Replica> &replicas) {
    if (replicas.empty())
        return failure(gate, fmt::format("service \"{}\" has no container", gate.service));
    GateVerdict verdict = open();
    for (const Replica &replica : replicas) {
        const GateVerdict one = judge_one(gate, replica);
        if (one.status == GateStatus::failed)
            return gate.condition == plan::GateCondition::completed ? incomplete(gate, one.reason)
                                                                    : failure(gate, one.reason);
        if (one.status == GateStatus::waiting)
            verdict = one;
    }
    return verdict;
}

} // namespace supervisor
