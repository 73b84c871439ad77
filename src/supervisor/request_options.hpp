// The members of requests, typed. See docs/formats.md.
#pragma once

#include "base/json_fwd.hpp"
#include "compose/plan/reconcile.hpp"
#include "compose/plan/teardown.hpp"
#include "supervisor/plan_session.hpp"

#include <set>
#include <string>
#include <vector>

namespace supervisor {

[[nodiscard]] plan::UpPolicy up_policy(const base::Json &body);
[[nodiscard]] plan::DownPolicy down_policy(const base::Json &body);
[[nodiscard]] plan::Selection selection_of(const base::Json &body);
[[nodiscard]] SessionOptions session_options(const base::Json &body);

// What a one-off container of the service waits for; nothing with no_deps.
[[nodiscard]] std::vector<plan::Gate> gates_of_run(const base::Json &body, const plan::Blueprint &blueprint,
                                                   const std::string &service);

// The services `up` with this policy is about: its targets and, unless told otherwise, their dependencies.
[[nodiscard]] std::set<std::string> services_in_scope(const plan::Desired &desired,
                                                      const plan::UpPolicy &policy);

struct WaitVerdict {
    bool ready = false;
    bool failed = false;
    std::string text; // "Waiting", "Healthy", "Running", "Exited"; why it failed
};

// Whether one container is as far as `up --wait` wants it.
[[nodiscard]] WaitVerdict judge_wait(const Replica &replica);

[[nodiscard]] std::string orphan_warning(const std::string &project, const std::vector<std::string> &names);

// Tells the DNS which names belong to the model, so that they are never asked for outside.
void declare_names(Project &project, const plan::Desired &desired, dns::Standing standing);

} // namespace supervisor
