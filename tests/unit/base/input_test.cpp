#include "base/input.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <unistd.h>

namespace {

struct Terminal {
    base::UniqueFd master, slave;

    Terminal() {
        int controlling = -1, terminal = -1;
        REQUIRE(::openpty(&controlling, &terminal, nullptr, nullptr, nullptr) == 0);
        master.reset(controlling);
        slave.reset(terminal);
    }

    void type(std::string_view text) const {
        REQUIRE(::write(master.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    }
};

bool readable(int fd, int milliseconds = 1000) {
    pollfd now{fd, POLLIN, 0};
    return ::poll(&now, 1, milliseconds) == 1;
}

} // namespace

TEST_CASE("a line typed on a terminal is read") {
    const Terminal terminal;
    const base::Input input(terminal.slave.get());
    std::array<char, 64> buffer{};
    terminal.type("hello\n");
    REQUIRE(readable(input.fd()));
    CHECK(input.read(buffer) == "hello\n");
}

TEST_CASE("reading does not wait for a line that the interrupt key dropped") {
    const Terminal terminal;
    const base::Input input(terminal.slave.get());
    std::array<char, 64> buffer{};
    terminal.type("dropped\n");
    REQUIRE(readable(input.fd()));
    ::alarm(10); // ends a test that hangs
    terminal.type("\x03");
    while (readable(input.fd(), 0)) // the kernel handles what is typed in a thread of its own
        ::sched_yield();
    CHECK(input.read(buffer) == "");
    ::alarm(0);
    terminal.type("next\n");
    REQUIRE(readable(input.fd()));
    CHECK(input.read(buffer) == "next\n");
}

TEST_CASE("the descriptor that others share stays blocking") {
    const Terminal terminal;
    const base::Input input(terminal.slave.get());
    CHECK((::fcntl(terminal.slave.get(), F_GETFL) & O_NONBLOCK) == 0);
}

TEST_CASE("a closed terminal and a closed pipe are the end of input") {
    std::array<char, 64> buffer{};
    Terminal terminal;
    const base::Input typed(terminal.slave.get());
    terminal.master.reset();
    CHECK(typed.read(buffer) == std::nullopt);
    base::Pipe pipe = base::make_pipe();
    const base::Input piped(pipe.read.get());
    REQUIRE(::write(pipe.write.get(), "x", 1) == 1);
    CHECK(piped.read(buffer) == "x");
    pipe.write.reset();
    CHECK(piped.read(buffer) == std::nullopt);
}
