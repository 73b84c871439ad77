#include "base/syscall.hpp"
#include "engine/container/exit_status.hpp"
#include "engine/container/seccomp_rules.hpp"

#include <catch2/catch.hpp>

#include <sys/wait.h>

#include <csignal>
#include <poll.h>
#include <unistd.h>

using namespace container;

namespace {

struct Ended {
    ProcessIdentity identity;
    base::UniqueFd pidfd;
};

// A child that has ended and is not reaped.
Ended ended_child(int exit_code, int signal) {
    const auto gate = base::make_pipe();
    const pid_t child = ::fork();
    if (child == 0) {
        char byte = 0;
        (void)!::read(gate.read.get(), &byte, 1);
        if (signal != 0)
            ::kill(::getpid(), signal);
        ::_exit(exit_code);
    }
    Ended ended{identify(child).value(), base::UniqueFd(base::sys_pidfd_open(child))};
    (void)!::write(gate.write.get(), "x", 1);
    pollfd waiting{ended.pidfd.get(), POLLIN, 0};
    REQUIRE(::poll(&waiting, 1, 10'000) == 1);
    return ended;
}

} // namespace

TEST_CASE("a zombie tells how it ended to those who are not its parent", "[keeper]") {
    const auto child = ended_child(3, 0);
    const auto outcome = exit_outcome(child.identity, child.pidfd.get(), {});
    CHECK(outcome.source == ExitSource::zombie);
    CHECK(outcome.exit_code() == 3);
    CHECK(exit_outcome({child.identity.pid, child.identity.start_ticks + 1}, -1, {}).source
          == ExitSource::unknown);
    CHECK(open_verified(child.identity));
    ::waitpid(child.identity.pid, nullptr, 0);
    CHECK_FALSE(open_verified(child.identity));
}

TEST_CASE("a descriptor opened in time tells after the reap, since Linux 6.15", "[keeper]") {
    const auto child = ended_child(0, SIGKILL);
    ::waitpid(child.identity.pid, nullptr, 0);
    const auto outcome = exit_outcome(child.identity, child.pidfd.get(), {});
    if (running_kernel() >= KernelVersion{6, 15}) {
        CHECK(outcome.source == ExitSource::pidfd);
        CHECK(outcome.exit_code() == 128 + SIGKILL);
    } else {
        CHECK(outcome.source == ExitSource::unknown);
    }
}
