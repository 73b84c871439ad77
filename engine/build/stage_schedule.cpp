#include "engine/build/stage_schedule.hpp"

#include "engine/image/pull.hpp"

namespace build {

void StageSchedule::work(Result &result) {
    try {
        result.promise.set_value(make_(*result.plan));
    } catch (...) {
        {
            const std::lock_guard lock(mutex_);
            if (!first_failure_)
                first_failure_ = std::current_exception();
        }
        cancellation_.cancel();
        result.promise.set_exception(std::current_exception());
    }
}

void StageSchedule::begin(Result &result) {
    if (result.begun)
        return;
    result.begun = true;
    threads_.emplace_back([this, &result] { work(result); });
}

void StageSchedule::run(Make make, const std::set<std::size_t> &on_demand) {
    make_ = std::move(make);
    for (const StagePlan &stage : plan_.stages) {
        Result &result = results_[stage.index];
        result.plan = &stage;
        result.future = result.promise.get_future().share();
    }
    {
        const std::lock_guard lock(mutex_);
        for (const StagePlan &stage : plan_.stages)
            if (!on_demand.contains(stage.index))
                begin(results_.at(stage.index));
    }
    // Only a stage that is being made begins others, so the list is complete once its last has ended.
    for (std::size_t joined = 0;; ++joined) {
        std::thread thread;
        {
            const std::lock_guard lock(mutex_);
            if (joined == threads_.size())
                break;
            thread = std::move(threads_[joined]);
        }
        thread.join();
    }
    if (first_failure_)
        std::rethrow_exception(first_failure_);
}

const LayerStack &StageSchedule::result(std::size_t stage) {
    Result &result = results_.at(stage);
    {
        const std::lock_guard lock(mutex_);
        begin(result);
    }
    return result.future.get();
}

} // namespace build
