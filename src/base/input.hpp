// Reading what a user types, by a process that must not wait there.
#pragma once

#include "base/fd.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace base {

// What poll(2) saw of a terminal can be gone when it is read: the interrupt key drops all that was typed
// (termios(3), NOFLSH). A blocking read would then wait for the next line, deaf to the signal it came with.
class Input {
  public:
    // fd stays the caller's. A terminal is opened anew for reading without blocking, since O_NONBLOCK on fd
    // itself would be seen by every process that shares it. Where that is not allowed, fd is read.
    explicit Input(int fd);

    // For poll(2).
    [[nodiscard]] int fd() const { return own_ ? own_.get() : fd_; }

    // What there is, into buffer: empty when there is nothing after all, nullopt at the end.
    [[nodiscard]] std::optional<std::string_view> read(std::span<char> buffer) const;

  private:
    int fd_;
    UniqueFd own_;
};

} // namespace base
