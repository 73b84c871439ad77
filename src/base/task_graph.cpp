#include "base/task_graph.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

namespace base {

namespace {

class TaskGraph {
  public:
    TaskGraph(const std::vector<Task> &tasks, std::size_t limit, const std::function<void()> &stop)
        : tasks_(tasks), limit_(limit == 0 ? tasks.size() : limit), stop_(stop), ended_(tasks.size(), false) {
    }

    void run() {
        std::vector<std::thread> threads;
        threads.reserve(tasks_.size());
        for (std::size_t index = 0; index < tasks_.size(); ++index)
            threads.emplace_back([this, index] { take(index); });
        for (std::thread &thread : threads)
            thread.join();
        if (first_)
            std::rethrow_exception(first_);
    }

  private:
    void take(std::size_t index) {
        if (begin(index)) {
            try {
                tasks_[index].run();
            } catch (...) {
                fail(std::current_exception());
            }
            end(index);
        }
    }

    // False when it is not to run any more.
    bool begin(std::size_t index) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return first_ || (running_ < limit_ && is_free(index)); });
        if (first_)
            return false;
        ++running_;
        return true;
    }

    void end(std::size_t index) {
        const std::lock_guard lock(mutex_);
        --running_;
        ended_[index] = true;
        changed_.notify_all();
    }

    void fail(const std::exception_ptr &error) {
        {
            const std::lock_guard lock(mutex_);
            if (first_)
                return;
            first_ = error;
            changed_.notify_all();
        }
        stop_();
    }

    [[nodiscard]] bool is_free(std::size_t index) const {
        const std::vector<std::size_t> &after = tasks_[index].after;
        return std::all_of(after.begin(), after.end(), [&](std::size_t other) { return ended_[other]; });
    }

    const std::vector<Task> &tasks_;
    const std::size_t limit_;
    const std::function<void()> &stop_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<bool> ended_;
    std::size_t running_ = 0;
    std::exception_ptr first_;
};

} // namespace

void run_tasks(const std::vector<Task> &tasks, std::size_t limit, const std::function<void()> &stop) {
    if (tasks.size() == 1)
        return tasks.front().run();
    TaskGraph(tasks, limit, stop).run();
}

} // namespace base
