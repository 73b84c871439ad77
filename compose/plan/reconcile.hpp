// Desired + observed -> Plan. Pure: no I/O, no clock, no engine.
#pragma once

#include "compose/plan/desired.hpp"
#include "compose/plan/observed.hpp"
#include "compose/plan/operation.hpp"

#include <map>
#include <set>
#include <string>

namespace plan {

enum class Recreate {
    diverged, // where hash or image differ
    always,
    never,
};

struct UpPolicy {
    std::set<std::string> targets; // empty: every service
    // `run`: the plan prepares for a one-off container of this service, starting what it depends on and
    // making its networks and volumes, and leaves its ordinary containers alone. Instead of targets.
    std::string run_service;
    bool with_dependencies = true; // false: --no-deps
    Recreate targeted = Recreate::diverged;
    Recreate dependencies = Recreate::diverged;
    bool start = true; // false: create only
    bool remove_orphans = false;
    bool recreate_volumes = false;    // replace volumes whose definition changed (-y)
    std::map<std::string, int> scale; // beats the model
};

// `up` and `create`. Containers of one service number from 1, lowest free first; surplus replicas go: out of
// date ones first, then the highest numbers. One-off containers are never touched.
// @throws base::Error when an external network or volume is missing, or a donor has no container and isn't
// part of the plan.
[[nodiscard]] Plan plan_up(const Desired &desired, const Observed &observed, const UpPolicy &policy);

} // namespace plan
