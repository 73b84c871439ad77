#include "supervisor/stop_machine.hpp"

#include <catch2/catch.hpp>

using namespace supervisor;
using namespace supervisor::stop;
using namespace std::chrono_literals;

namespace {

const SteadyTime start = SteadyTime{} + 1000s;

const std::string status = "Name:\tsleep\nSigQ:\t1/1\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001000\n"
                           "SigCgt:\t0000000000004001\n";

} // namespace

TEST_CASE("a process that ends in time is not killed") {
    StopMachine machine;
    CHECK(machine.step(Requested{}, start) == Actions{SendSignal{SIGTERM}, SetTimer{start + 10s}});
    CHECK(machine.stopping());
    CHECK(machine.step(TimerFired{}, start + 9s).empty());
    CHECK(machine.step(Exited{}, start + 9s) == Actions{SetTimer{}, Stopped{}});
    CHECK_FALSE(machine.stopping());
}

TEST_CASE("after the grace period comes SIGKILL, once") {
    StopMachine machine;
    StopRequest request;
    request.signal = SIGINT;
    request.grace = 2s;
    machine.step(Requested{request}, start);
    CHECK(machine.step(TimerFired{}, start + 2s)
          == Actions{SetTimer{}, Kill{"did not end within 2s of SIGINT"}});
    CHECK(machine.step(TimerFired{}, start + 3s).empty());
    CHECK(machine.step(Requested{request}, start + 3s).empty());
    CHECK(machine.step(Exited{}, start + 3s) == Actions{SetTimer{}, Stopped{}});
}

TEST_CASE("no grace period kills right after the signal, without a reason to tell") {
    StopMachine machine;
    StopRequest request;
    request.grace = 0s;
    CHECK(machine.step(Requested{request}, start) == Actions{SendSignal{SIGTERM}, SetTimer{start}});
    CHECK(machine.step(TimerFired{}, start) == Actions{SetTimer{}, Kill{""}});
}

TEST_CASE("an endless grace period never kills, until a second request shortens it") {
    StopMachine machine;
    StopRequest request;
    request.grace.reset();
    request.heard = false;
    CHECK(machine.step(Requested{request}, start) == Actions{SendSignal{SIGTERM}, SetTimer{}});
    CHECK(machine.step(TimerFired{}, start + 1h).empty());
    request.grace = 1s;
    request.heard = true;
    CHECK(machine.step(Requested{request}, start + 1h) == Actions{SetTimer{start + 1h + 1s}});
    CHECK(machine.step(TimerFired{}, start + 1h + 1s).size() == 2);
}

TEST_CASE("a signal nobody would hear is not waited for") {
    StopMachine machine;
    StopRequest request;
    request.heard = false;
    const Actions actions = machine.step(Requested{request}, start);
    REQUIRE(actions.size() == 2);
    CHECK_THAT(std::get<Kill>(actions[1]).reason, Catch::Contains("neither handles SIGTERM"));
}

TEST_CASE("SIGKILL as the stop signal is the kill itself") {
    StopMachine machine;
    StopRequest request;
    request.signal = SIGKILL;
    CHECK(machine.step(Requested{request}, start) == Actions{SetTimer{}, Kill{""}});
}

TEST_CASE("an exit nobody asked for is none of its business") {
    StopMachine machine;
    CHECK(machine.step(Exited{}, start).empty());
}

TEST_CASE("caught and blocked signals are heard, default and ignored ones are not") {
    CHECK(hears_signal(status, SIGTERM, false)); // caught
    CHECK(hears_signal(status, SIGINT, false));  // blocked: signalfd or sigwait
    CHECK_FALSE(hears_signal(status, SIGQUIT, false));
    CHECK_FALSE(hears_signal(status, SIGPIPE, false)); // ignored
    CHECK(hears_signal(status, SIGQUIT, true));
    CHECK(hears_signal(status, SIGKILL, false));
}

TEST_CASE("what cannot be read counts as heard") {
    CHECK(hears_signal("", SIGTERM, false));
    CHECK(hears_signal("\nSigBlk:\t0\nSigCgt:", SIGTERM, false));
    CHECK(hears_signal("\nSigBlk:\t0\nSigCgt:\tzz\n", SIGTERM, false));
}
