// Runs a plan: every operation as soon as what it comes after is done and its gates are open. Decides
// nothing.
#pragma once

#include "base/async.hpp"
#include "compose/plan/operation.hpp"
#include "supervisor/condition.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace supervisor {

enum class GateStatus { waiting, open, open_with_warning, failed };

struct GateVerdict {
    GateStatus status = GateStatus::waiting;
    std::string reason; // of a failure or warning
};

// What the executor acts on.
class PlanTarget {
  public:
    virtual ~PlanTarget() = default;
    // Does it; returns when it is done. @throws base::Error.
    virtual base::Task<> perform(const plan::Plan &plan, plan::OperationIndex index) = 0;
    virtual GateVerdict gate(const plan::Gate &gate) = 0;
    // Said once per gate, when it is first found closed and when it opens.
    virtual void waiting_for(const plan::Gate &gate) = 0;
    virtual void gate_opened(const plan::Gate &gate) = 0;
    virtual void warn(const std::string &sentence) = 0;
    // Notified whenever a verdict may have changed.
    virtual Condition &changed() = 0;
};

// Shared with whoever may want to break the execution off.
struct Cancellation {
    bool requested = false;
    std::string reason;
};

// Returns when every operation has succeeded. When one fails those that don't depend on it still run to their
// end, then the first failure is thrown. Cancelled: operations not yet begun are left out, base::Error says
// why.
base::Task<> execute(std::shared_ptr<const plan::Plan> plan, PlanTarget &target,
                     std::shared_ptr<Cancellation> cancellation);

} // namespace supervisor
