// The stages of a plan, each on a thread of its own as soon as those it needs are there.
#pragma once

#include "engine/build/cancellation.hpp"
#include "engine/build/origin_files.hpp"

#include <functional>
#include <future>
#include <map>

namespace build {

class StageSchedule {
  public:
    // Makes a stage; may ask for others with result().
    using Make = std::function<LayerStack(const StagePlan &)>;

    StageSchedule(const Plan &plan, Cancellation &cancellation) : plan_(plan), cancellation_(cancellation) {}

    // Until all are made. Of those that fail the first one's error is thrown, after the others have ended.
    void run(const Make &make);

    // Waits for it. @pre run() is under way or over. @throws what the stage threw.
    [[nodiscard]] const LayerStack &result(std::size_t stage) const;

  private:
    const Plan &plan_;
    Cancellation &cancellation_;
    std::map<std::size_t, std::shared_future<LayerStack>> results_;
};

} // namespace build
