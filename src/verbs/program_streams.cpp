#include "verbs/program_streams.hpp"

#include "terminal/terminal.hpp"
#include "verbs/interactive.hpp"

#include <climits>

#include <fcntl.h>
#include <unistd.h>

namespace cli {

namespace {

base::Pipe pipe_for(int fd) {
    return is_terminal(fd) ? base::make_pipe() : base::Pipe{};
}

bool readable(int fd) {
    pollfd now{fd, POLLIN, 0};
    return fd >= 0 && ::poll(&now, 1, 0) > 0 && (now.revents & POLLIN) != 0;
}

// Until the end of the pipe, which then needs no watching.
void copy_out(base::UniqueFd &pipe, int to) {
    if (!copy_some(pipe.get(), to))
        pipe.reset();
}

} // namespace

ProgramStreams::ProgramStreams(bool input)
    : in_(input ? pipe_for(STDIN_FILENO) : base::Pipe{}), out_(pipe_for(STDOUT_FILENO)),
      err_(pipe_for(STDERR_FILENO)), typed_(STDIN_FILENO), input_(input) {}

container::Stdio ProgramStreams::program() const {
    return {in_.read ? in_.read.get()
            : input_ ? STDIN_FILENO
                     : -1,
            out_.write ? out_.write.get() : STDOUT_FILENO, err_.write ? err_.write.get() : STDERR_FILENO};
}

void ProgramStreams::started() {
    in_.read.reset();
    out_.write.reset();
    err_.write.reset();
}

std::array<pollfd, 3> ProgramStreams::waits() const {
    const pollfd input = input_pending_ ? pollfd{in_.write.get(), POLLOUT, 0}
                                        : pollfd{in_.write ? typed_.fd() : -1, POLLIN, 0};
    return {{input, {out_.read.get(), POLLIN, 0}, {err_.read.get(), POLLIN, 0}}};
}

void ProgramStreams::relay(const std::array<pollfd, 3> &polled) {
    if (polled[0].revents != 0)
        relay_input(polled[0].revents);
    if (polled[1].revents != 0)
        copy_out(out_.read, STDOUT_FILENO);
    if (polled[2].revents != 0)
        copy_out(err_.read, STDERR_FILENO);
}

// A pipe that is writable takes PIPE_BUF bytes at once. Blocking on a full one could wait for ever: for a
// program that waits until we take its output.
void ProgramStreams::relay_input(short events) {
    if ((events & POLLERR) != 0) {
        in_.write.reset();
        input_pending_ = false;
        return;
    }
    pollfd room{in_.write.get(), POLLOUT, 0};
    input_pending_ = ::poll(&room, 1, 0) == 0;
    if (input_pending_ || !readable(typed_.fd()))
        return;
    std::array<char, PIPE_BUF> data{};
    const auto text = typed_.read(data);
    if (!text || ::write(in_.write.get(), text->data(), text->size()) < 0)
        in_.write.reset();
}

void ProgramStreams::drain() {
    while (readable(out_.read.get()))
        copy_out(out_.read, STDOUT_FILENO);
    while (readable(err_.read.get()))
        copy_out(err_.read, STDERR_FILENO);
}

} // namespace cli
