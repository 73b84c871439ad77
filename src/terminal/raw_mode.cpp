#include "terminal/raw_mode.hpp"

#include <csignal>

namespace cli {

namespace {

volatile std::sig_atomic_t changed = 0;

void note_change(int) {
    changed = 1;
}

} // namespace

RawMode::RawMode(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) < 0)
        return;
    termios raw = before_;
    ::cfmakeraw(&raw);
    active_ = ::tcsetattr(fd, TCSADRAIN, &raw) == 0;
}

RawMode::~RawMode() {
    if (active_)
        ::tcsetattr(fd_, TCSADRAIN, &before_);
}

void watch_window() {
    struct sigaction action {};

    action.sa_handler = note_change;
    ::sigaction(SIGWINCH, &action, nullptr);
}

bool window_changed() {
    const bool was = changed != 0;
    changed = 0;
    return was;
}

} // namespace cli
