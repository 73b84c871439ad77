// Ends a build early: because the user asks for it, or because a part of it has failed. Thread-safe.
#pragma once

#include "base/fd.hpp"

#include <atomic>

namespace build {

class Cancellation {
  public:
    // user_fd: readable when the user wants it to end; -1: never.
    explicit Cancellation(int user_fd) : user_fd_(user_fd), event_(base::make_eventfd()) {}

    void cancel();

    // @throws image::Cancelled.
    void check() const;

    [[nodiscard]] bool requested() const;

    // For poll(2): either is readable once it is requested.
    [[nodiscard]] int user_fd() const { return user_fd_; }

    [[nodiscard]] int event_fd() const { return event_.get(); }

    // For image::pull().
    [[nodiscard]] const std::atomic<bool> *flag() const { return &cancelled_; }

  private:
    int user_fd_;
    base::UniqueFd event_;
    std::atomic<bool> cancelled_ = false;
};

} // namespace build
