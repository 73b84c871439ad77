#include "compose/plan/operation.hpp"

#include <fmt/format.h>

namespace plan {

OperationIndex Plan::add(Operation operation) {
    operations.push_back(std::move(operation));
    return operations.size() - 1;
}

std::string to_string(OperationKind kind) {
    switch (kind) {
    case OperationKind::create_network:
        return "create network";
    case OperationKind::remove_network:
        return "remove network";
    case OperationKind::create_volume:
        return "create volume";
    case OperationKind::remove_volume:
        return "remove volume";
    case OperationKind::create_container:
        return "create container";
    case OperationKind::start_container:
        return "start container";
    case OperationKind::stop_container:
        return "stop container";
    case OperationKind::restart_container:
        return "restart container";
    case OperationKind::kill_container:
        return "kill container";
    case OperationKind::remove_container:
        break;
    }
    return "remove container";
}

std::string to_string(GateCondition condition) {
    switch (condition) {
    case GateCondition::started:
        return "started";
    case GateCondition::healthy:
        return "healthy";
    case GateCondition::completed:
        break;
    }
    return "completed";
}

std::string to_string(const Plan &plan) {
    std::string text;
    for (std::size_t i = 0; i < plan.operations.size(); ++i) {
        const Operation &operation = plan.operations[i];
        text += fmt::format("{} {} {}", i + 1, to_string(operation.kind), operation.subject);
        if (!operation.cause.empty())
            text += fmt::format(" ({})", operation.cause);
        if (!operation.after.empty()) {
            text += " after";
            for (const OperationIndex index : operation.after)
                text += fmt::format(" {}", index + 1);
        }
        for (const Gate &gate : operation.gates)
            text += fmt::format(" {} {} {}", &gate == operation.gates.data() ? "when" : "and", gate.service,
                                to_string(gate.condition));
        text += "\n";
    }
    return text;
}

} // namespace plan
