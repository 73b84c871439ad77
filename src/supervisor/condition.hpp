// Waiting in a coroutine for "something changed". One thread.
#pragma once

#include "base/async.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>

namespace supervisor {

// Wakes everybody who waits now. There is no memory: check what you wait for before each wait; between the
// check and the wait nothing else runs.
class Condition {
  public:
    explicit Condition(const boost::asio::any_io_executor &executor);

    base::Task<> wait();
    // Returns at the deadline at the latest.
    base::Task<> wait_until(std::chrono::steady_clock::time_point deadline);
    void notify_all();

  private:
    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer timer_;
};

} // namespace supervisor
