#include "verbs/image_jobs.hpp"

#include "base/error.hpp"
#include "verbs/request.hpp"

#include <algorithm>
#include <exception>
#include <thread>

namespace cli {

void EventQueue::push(ProgressEvent event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    ready_.notify_one();
}

void EventQueue::finish_one() {
    const std::lock_guard lock(mutex_);
    ++finished_;
    ready_.notify_one();
}

void EventQueue::show(Progress &progress, std::size_t workers, std::atomic<bool> &cancelled) {
    std::unique_lock lock(mutex_);
    while (finished_ < workers || !events_.empty()) {
        if (events_.empty()) {
            ready_.wait_for(lock, std::chrono::milliseconds(100));
            progress.tick();
        }
        cancelled = InterruptGuard::count() > 0;
        while (!events_.empty()) {
            const ProgressEvent event = std::move(events_.front());
            events_.pop_front();
            lock.unlock();
            progress.event(event);
            lock.lock();
        }
    }
}

std::map<std::string, std::string> run_image_jobs(const std::vector<ImageJob> &jobs, int parallel,
                                                  bool ignore_failures, Progress &progress) {
    std::map<std::string, std::string> failed;
    if (jobs.empty())
        return failed;
    const InterruptGuard guard;
    EventQueue queue;
    std::mutex mutex;
    std::exception_ptr failure;
    std::atomic<bool> cancelled = false;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < jobs.size(); i = next++) {
            try {
                jobs[i].run(queue, cancelled);
            } catch (const base::Error &error) {
                const std::lock_guard lock(mutex);
                for (const std::string &id : jobs[i].ids)
                    queue.push(
                        {.id = id, .state = ProgressState::error, .text = "Error", .detail = error.what()});
                for (const std::string &service : jobs[i].services)
                    failed[service] = error.what();
                if (!failure)
                    failure = std::current_exception();
                if (!ignore_failures)
                    next = jobs.size();
            }
        }
        queue.finish_one();
    };
    const std::size_t limit = parallel < 1 ? jobs.size() : static_cast<std::size_t>(parallel);
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < std::min(limit, jobs.size()); ++i)
        workers.emplace_back(work);
    queue.show(progress, workers.size(), cancelled);
    for (std::thread &worker : workers)
        worker.join();
    progress.finish();
    if (failure && (!ignore_failures || cancelled))
        std::rethrow_exception(failure);
    return failed;
}

} // namespace cli
