#include "engine/build/stage_schedule.hpp"

#include "engine/image/pull.hpp"

#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace build {

void StageSchedule::run(const Make &make) {
    std::map<std::size_t, std::promise<LayerStack>> promises;
    for (const StagePlan &stage : plan_.stages)
        results_[stage.index] = promises[stage.index].get_future().share();
    std::mutex mutex;
    std::exception_ptr first;
    const auto work = [&](const StagePlan &stage) {
        try {
            promises[stage.index].set_value(make(stage));
        } catch (...) {
            {
                const std::lock_guard lock(mutex);
                if (!first)
                    first = std::current_exception();
            }
            cancellation_.cancel();
            promises[stage.index].set_exception(std::current_exception());
        }
    };
    std::vector<std::thread> threads;
    for (const StagePlan &stage : plan_.stages)
        threads.emplace_back([&] { work(stage); });
    for (std::thread &thread : threads)
        thread.join();
    if (first)
        std::rethrow_exception(first);
}

const LayerStack &StageSchedule::result(std::size_t stage) const {
    return results_.at(stage).get();
}

} // namespace build
