#include "supervisor/condition.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace supervisor {

namespace asio = boost::asio;

Condition::Condition(const asio::any_io_executor &executor) : executor_(executor), timer_(executor) {
    timer_.expires_at(asio::steady_timer::time_point::max());
}

base::Task<> Condition::wait() {
    boost::system::error_code woken;
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
}

base::Task<> Condition::wait_until(std::chrono::steady_clock::time_point deadline) {
    // The deadline wakes all waiters; those that wait for something else look and go on waiting.
    asio::steady_timer alarm(executor_, deadline);
    alarm.async_wait([this](boost::system::error_code cancelled) {
        if (!cancelled)
            notify_all();
    });
    co_await wait();
}

void Condition::notify_all() {
    timer_.cancel();
}

} // namespace supervisor
