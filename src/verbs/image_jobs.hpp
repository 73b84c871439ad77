// Images pulled or pushed several at once, with one progress for all. Blocks until all have ended.
#pragma once

#include "terminal/progress.hpp"

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace cli {

// Progress objects belong to one thread: what the workers see is queued for it.
class EventQueue {
  public:
    void push(ProgressEvent event);
    void finish_one();
    // Shows events until so many workers have finished. @param cancelled set when the user interrupts.
    void show(Progress &progress, std::size_t workers, std::atomic<bool> &cancelled);

  private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<ProgressEvent> events_;
    std::size_t finished_ = 0;
};

// Of a layer that is pulled or pushed, as part of what the progress calls `parent`. Event is image::PullEvent
// or image::PushEvent.
template <typename Event>
[[nodiscard]] ProgressEvent layer_event(const std::string &parent, const Event &event, bool over) {
    return {.id = event.layer,
            .parent = parent,
            .state = over ? ProgressState::done : ProgressState::working,
            .text = phase_name(event.phase),
            .current = static_cast<std::uint64_t>(event.bytes),
            .total = static_cast<std::uint64_t>(event.total)};
}

struct ImageJob {
    std::vector<std::string> services;
    std::vector<std::string> ids; // what the progress calls it
    std::function<void(EventQueue &, const std::atomic<bool> &cancelled)> run;
};

// @param parallel jobs at once; below 1 is no limit. @returns why services failed, when failures are ignored.
// @throws base::Error for the first failure otherwise, and when the user interrupts.
[[nodiscard]] std::map<std::string, std::string>
run_image_jobs(const std::vector<ImageJob> &jobs, int parallel, bool ignore_failures, Progress &progress);

} // namespace cli
