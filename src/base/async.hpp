// Asio: one thread, awaitables, no lost exception.
#pragma once

#include "base/log.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <string>
#include <utility>

namespace base {

template <typename T = void>
using Task = boost::asio::awaitable<T>;

// Starts a coroutine that nobody awaits; what it throws is logged under its name. GCC 12 destroys the
// captures of a lambda temporary inside a co_await operand twice: pass a free coroutine's result, or name
// the lambda first.
template <typename Executor>
void spawn(Executor executor, std::string name, Task<> task) {
    boost::asio::co_spawn(executor, std::move(task),
                          [name = std::move(name)](const std::exception_ptr &failure) {
                              if (!failure)
                                  return;
                              try {
                                  std::rethrow_exception(failure);
                              } catch (const std::exception &error) {
                                  log::error("{}: {}", name, error.what());
                              }
                          });
}

} // namespace base
