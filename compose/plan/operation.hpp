// A plan: a graph of operations, each with its cause. Data; printable; executed elsewhere.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace plan {

enum class OperationKind {
    create_network,
    remove_network,
    create_volume,
    remove_volume,
    create_container,
    start_container,
    stop_container,
    restart_container,
    kill_container,
    remove_container,
};

enum class GateCondition { started, healthy, completed };

// A start waits until every replica of the service fulfils the condition.
struct Gate {
    std::string service;
    GateCondition condition = GateCondition::started;
    bool required = true; // false: a failure only warns
    bool restart = false; // the dependent restarts with the service

    bool operator==(const Gate &) const = default;
};

using OperationIndex = std::size_t;

struct Operation {
    OperationKind kind = OperationKind::create_container;
    std::string subject;               // name of the container, network or volume
    std::string cause;                 // "does not exist", "configuration changed", ...
    std::vector<OperationIndex> after; // earlier operations that must have succeeded

    // Containers only.
    std::string service;
    int number = 0;
    std::string id;                        // of the existing container
    std::optional<OperationIndex> creates; // start: the create operation whose container is meant
    std::string replaces;    // create: id of the container whose anonymous volumes and address it inherits
    std::vector<Gate> gates; // start
};

struct Plan {
    std::vector<Operation> operations;  // in an order that respects `after`
    std::vector<std::string> unchanged; // names of containers that are as wanted
    std::vector<std::string> orphans;   // names of containers of services the model doesn't have, left alone
    std::vector<std::string> warnings;  // sentences

    [[nodiscard]] bool empty() const { return operations.empty(); }

    OperationIndex add(Operation operation);
};

// One line an operation: "3 start container p-web-1 (was stopped) after 1 2 when db healthy".
[[nodiscard]] std::string to_string(const Plan &plan);
[[nodiscard]] std::string to_string(OperationKind kind);
[[nodiscard]] std::string to_string(GateCondition condition);

} // namespace plan
