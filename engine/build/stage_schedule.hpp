// The stages of a plan, each on a thread of its own as soon as those it needs are there.
#pragma once

#include "engine/build/cancellation.hpp"
#include "engine/build/origin_files.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace build {

class StageSchedule {
  public:
    // Makes a stage; may ask for others with result().
    using Make = std::function<LayerStack(const StagePlan &)>;

    StageSchedule(const Plan &plan, Cancellation &cancellation) : plan_(plan), cancellation_(cancellation) {}

    // Until all are made that were begun. Of those that fail the first one's error is thrown, after the
    // others have ended. @param on_demand indices of stages that are only made when somebody asks for the
    // result.
    void run(Make make, const std::set<std::size_t> &on_demand = {});

    // Waits for it. @pre run() is under way or over. @throws what the stage threw.
    [[nodiscard]] const LayerStack &result(std::size_t stage);

  private:
    struct Result {
        const StagePlan *plan = nullptr;
        std::promise<LayerStack> promise;
        std::shared_future<LayerStack> future;
        bool begun = false;
    };

    // @pre the lock is held.
    void begin(Result &result);
    void work(Result &result);

    const Plan &plan_;
    Cancellation &cancellation_;
    Make make_;
    std::mutex mutex_;
    std::map<std::size_t, Result> results_;
    std::vector<std::thread> threads_;
    std::exception_ptr first_failure_;
};

} // namespace build
