#include "supervisor/signal_reach.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <string>

using supervisor::reaches_first_process;

namespace {

const std::string status = "Name:\tsleep\nSigQ:\t1/1\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001000\n"
                           "SigCgt:\t0000000000004001\n";

} // namespace

TEST_CASE("caught and blocked signals reach the first process, default and ignored ones do not") {
    CHECK(reaches_first_process(status, SIGTERM)); // caught
    CHECK(reaches_first_process(status, SIGINT));  // blocked: signalfd or sigwait
    CHECK_FALSE(reaches_first_process(status, SIGQUIT));
    CHECK_FALSE(reaches_first_process(status, SIGPIPE)); // ignored
    CHECK(reaches_first_process(status, SIGKILL));
}

TEST_CASE("what cannot be read counts as reached") {
    CHECK(reaches_first_process("", SIGTERM));
    CHECK(reaches_first_process("\nSigBlk:\t0\nSigCgt:", SIGTERM));
    CHECK(reaches_first_process("\nSigBlk:\t0\nSigCgt:\tzz\n", SIGTERM));
}
