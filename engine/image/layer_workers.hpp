// Threads that transfer the layers of one image, each with a connection of its own. The first failure stops
// the others.
#pragma once

#include "engine/image/http.hpp"

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>

namespace image {

class LayerWorkers {
  public:
    explicit LayerWorkers(HttpSettings settings);
    LayerWorkers(const LayerWorkers &) = delete;
    LayerWorkers &operator=(const LayerWorkers &) = delete;

    // Throws when the transfer was cancelled or has failed elsewhere; for work that takes long.
    [[nodiscard]] const std::function<void()> &check() const { return settings_.check; }

    // Calls work(connection, i) for each i below count. @throws what was thrown first.
    void run(std::size_t count, int threads, const std::function<void(HttpClient &, std::size_t)> &work);

  private:
    void keep_failure();
    void work_until_done(std::size_t count, const std::function<void(HttpClient &, std::size_t)> &work);

    HttpSettings settings_;
    std::atomic<std::size_t> next_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::exception_ptr failure_;
};

} // namespace image
