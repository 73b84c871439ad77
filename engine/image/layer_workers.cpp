#include "engine/image/layer_workers.hpp"

#include <algorithm>
#include <thread>
#include <vector>

namespace image {

namespace {

// Thrown in the threads of a transfer that has failed elsewhere; the other failure is the one to report.
struct Abandoned {};

} // namespace

LayerWorkers::LayerWorkers(HttpSettings settings) : settings_(std::move(settings)) {
    settings_.check = [this, outer = std::move(settings_.check)] {
        if (failed_.load())
            throw Abandoned{};
        if (outer)
            outer();
    };
}

void LayerWorkers::run(std::size_t count, int threads,
                       const std::function<void(HttpClient &, std::size_t)> &work) {
    const auto wanted = static_cast<std::size_t>(std::max(1, threads));
    std::vector<std::thread> workers;
    try {
        for (std::size_t i = 0; i < std::min(count, wanted); ++i)
            workers.emplace_back([&] { work_until_done(count, work); });
    } catch (...) {
        keep_failure();
    }
    for (std::thread &worker : workers)
        worker.join();
    if (failure_)
        std::rethrow_exception(failure_);
}

void LayerWorkers::keep_failure() {
    const std::lock_guard lock(mutex_);
    if (!failure_)
        failure_ = std::current_exception();
    failed_ = true;
}

void LayerWorkers::work_until_done(std::size_t count,
                                   const std::function<void(HttpClient &, std::size_t)> &work) {
    try {
        HttpClient http(settings_);
        for (std::size_t i = next_++; i < count; i = next_++)
            work(http, i);
    } catch (const Abandoned &) {
        return;
    } catch (...) {
        keep_failure();
    }
}

} // namespace image
