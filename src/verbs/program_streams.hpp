// Standard streams for a program without a terminal of its own: this process's, but pipes in place of
// terminals, for who holds a terminal can read what is typed next and write as if it were typed.
#pragma once

#include "base/fd.hpp"
#include "base/input.hpp"
#include "engine/container/spawn.hpp"

#include <array>
#include <poll.h>

namespace cli {

class ProgramStreams {
  public:
    // input: the program gets standard input, else nothing to read.
    explicit ProgramStreams(bool input);

    // What the program is given; valid until started().
    [[nodiscard]] container::Stdio program() const;
    // The program has its ends: so that theirs is the last.
    void started();

    // What to poll(2) for, before relay().
    [[nodiscard]] std::array<pollfd, 3> waits() const;
    void relay(const std::array<pollfd, 3> &polled);
    // What is left in the pipes once the program has ended. Does not wait.
    void drain();

  private:
    void relay_input(short events);

    base::Pipe in_, out_, err_; // empty where this process's own stream is passed on
    base::Input typed_;
    bool input_;
    bool input_pending_ = false; // typed, and not yet taken: the pipe is full
};

} // namespace cli
