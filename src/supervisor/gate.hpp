// Whether a depends_on condition holds, from the states of the service's replicas. Pure.
#pragma once

#include "compose/plan/operation.hpp"
#include "supervisor/plan_executor.hpp"
#include "supervisor/record.hpp"

#include <string>
#include <vector>

namespace supervisor {

struct Replica {
    std::string name; // of the container
    StateRecord state;
    bool has_health_check = false;
};

// Every replica has to fulfil the condition. service_started holds for one that has exited again; one that
// exits before it was healthy, gets unhealthy, or doesn't complete with 0 fails the gate.
[[nodiscard]] GateVerdict judge(const plan::Gate &gate, const std::vector<Replica> &replicas);

} // namespace supervisor
