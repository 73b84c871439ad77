// The local terminal handed over to a program elsewhere: every key goes through, nothing is echoed here.
#pragma once

#include <termios.h>

namespace cli {

class RawMode {
  public:
    // Does nothing when fd is no terminal.
    explicit RawMode(int fd);
    ~RawMode();
    RawMode(const RawMode &) = delete;
    RawMode &operator=(const RawMode &) = delete;

  private:
    int fd_;
    bool active_ = false;
    termios before_{};
};

// Makes SIGWINCH note that the window changed; true once after each change.
void watch_window();
[[nodiscard]] bool window_changed();

} // namespace cli
