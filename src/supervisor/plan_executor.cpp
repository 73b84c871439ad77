#include "supervisor/plan_executor.hpp"

#include "base/error.hpp"

#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <set>

namespace supervisor {

namespace {

enum class Progress { pending, running, done, failed };

struct Execution {
    std::shared_ptr<const plan::Plan> plan;
    PlanTarget &target;
    std::shared_ptr<Cancellation> cancellation;
    std::vector<Progress> progress;
    std::size_t unfinished = 0;
    std::exception_ptr failure;
    std::set<std::string> announced; // gates already said to be waited for

    [[nodiscard]] bool service_still_starting(const std::string &service) const {
        for (std::size_t i = 0; i < plan->operations.size(); ++i) {
            const plan::Operation &operation = plan->operations[i];
            const bool starts = operation.kind == plan::OperationKind::start_container
                                || operation.kind == plan::OperationKind::restart_container;
            if (starts && operation.service == service
                && (progress[i] == Progress::pending || progress[i] == Progress::running))
                return true;
        }
        return false;
    }

    [[nodiscard]] bool service_failed_to_start(const std::string &service) const {
        for (std::size_t i = 0; i < plan->operations.size(); ++i)
            if (plan->operations[i].service == service && progress[i] == Progress::failed)
                return true;
        return false;
    }
};

std::string gate_key(const plan::Gate &gate) {
    return gate.service + " " + plan::to_string(gate.condition);
}

// True: open. False: an operation it depends on failed, which is reported there.
base::Task<bool> pass_gate(std::shared_ptr<Execution> run, const plan::Gate &gate) {
    for (;;) {
        if (run->cancellation->requested)
            co_return false;
        if (!run->service_still_starting(gate.service)) {
            if (run->service_failed_to_start(gate.service)) {
                if (gate.required)
                    co_return false;
                run->target.warn("optional dependency \"" + gate.service + "\" failed to start");
                co_return true;
            }
            const GateVerdict verdict = run->target.gate(gate);
            if (verdict.status == GateStatus::failed)
                throw base::Error(verdict.reason);
            if (verdict.status == GateStatus::open_with_warning)
                run->target.warn(verdict.reason);
            if (verdict.status != GateStatus::waiting) {
                if (run->announced.erase(gate_key(gate)) > 0)
                    run->target.gate_opened(gate);
                co_return true;
            }
            if (run->announced.insert(gate_key(gate)).second)
                run->target.waiting_for(gate);
        }
        co_await run->target.changed().wait();
    }
}

// False when an earlier operation failed or the execution was cancelled.
base::Task<bool> wait_for_turn(std::shared_ptr<Execution> run, plan::OperationIndex index) {
    const plan::Operation &operation = run->plan->operations[index];
    for (const plan::OperationIndex earlier : operation.after) {
        while (run->progress[earlier] == Progress::pending || run->progress[earlier] == Progress::running)
            co_await run->target.changed().wait();
        if (run->progress[earlier] == Progress::failed)
            co_return false;
    }
    for (const plan::Gate &gate : operation.gates) {
        const bool open = co_await pass_gate(run, gate);
        if (!open)
            co_return false;
    }
    co_return !run->cancellation->requested;
}

base::Task<> run_operation(std::shared_ptr<Execution> run, plan::OperationIndex index) {
    Progress outcome = Progress::failed;
    try {
        const bool turn = co_await wait_for_turn(run, index);
        if (turn) {
            run->progress[index] = Progress::running;
            co_await run->target.perform(*run->plan, index);
            outcome = Progress::done;
        }
    } catch (...) {
        if (!run->failure)
            run->failure = std::current_exception();
    }
    run->progress[index] = outcome;
    --run->unfinished;
    run->target.changed().notify_all();
}

} // namespace

base::Task<> execute(std::shared_ptr<const plan::Plan> plan, PlanTarget &target,
                     std::shared_ptr<Cancellation> cancellation) {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto run = std::make_shared<Execution>(Execution{plan, target, cancellation, {}, 0, nullptr, {}});
    run->progress.assign(plan->operations.size(), Progress::pending);
    run->unfinished = plan->operations.size();
    for (plan::OperationIndex i = 0; i < plan->operations.size(); ++i)
        base::spawn(executor, "operation", run_operation(run, i));
    while (run->unfinished > 0)
        co_await target.changed().wait();
    if (run->failure)
        std::rethrow_exception(run->failure);
    if (cancellation->requested)
        throw base::Error(cancellation->reason.empty() ? "cancelled" : cancellation->reason, "", 130);
    for (const Progress progress : run->progress)
        if (progress == Progress::failed)
            throw base::Error("not everything could be done");
}

} // namespace supervisor
