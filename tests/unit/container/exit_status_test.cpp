#include "engine/container/exit_status.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace container;

TEST_CASE("a process's start time is read past any command name") {
    const std::string tail = " S 1 7 7 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 12345 0 0";
    CHECK(parse_process_stat("7 (sh)" + tail)->start_ticks == 12345);
    CHECK(parse_process_stat("7 (a) b (c)" + tail)->start_ticks == 12345);
    CHECK(parse_process_stat("7 (sh)" + tail)->state == 'S');
    CHECK_FALSE(parse_process_stat("7 (sh) S 1"));
    CHECK_FALSE(parse_process_stat(""));
    CHECK_FALSE(parse_process_stat("7 (sh"));
}

TEST_CASE("a pid with another start time is another process") {
    const auto self = identify(::getpid());
    REQUIRE(self);
    CHECK(open_verified(*self));
    CHECK_FALSE(open_verified({self->pid, self->start_ticks + 1}));
    CHECK_FALSE(open_verified({0, 0}));
}

TEST_CASE("exit records are whole lines") {
    const auto parsed =
        parse_exit_records("12 340 256 1000000000\nnonsense\n13 350 9 2000000000\n14 360 0 30");
    REQUIRE(parsed.records.size() == 2);
    CHECK(parsed.records[0].process == ProcessIdentity{12, 340});
    CHECK(parsed.records[0].wait_status == 256);
    CHECK(parsed.records[0].time.time_since_epoch() == std::chrono::seconds(1));
    CHECK(parsed.records[1].wait_status == 9);
    CHECK(parsed.consumed
          == std::string_view("12 340 256 1000000000\nnonsense\n13 350 9 2000000000\n").size());
    CHECK(parse_exit_records("").records.empty());
    CHECK(read_exit_records("/nonexistent/exits").records.empty());
}

TEST_CASE("a record answers first, for the right process only") {
    const std::vector<ExitRecord> records = {{{1 << 30, 340}, 256, {}}, {{(1 << 30) + 1, 350}, 9, {}}};
    const auto exited = exit_outcome({1 << 30, 340}, -1, records);
    CHECK(exited.source == ExitSource::record);
    CHECK(exited.exit_code() == 1);
    CHECK(exit_outcome({(1 << 30) + 1, 350}, -1, records).exit_code() == 137);
    const auto unknown = exit_outcome({1 << 30, 341}, -1, records);
    CHECK(unknown.source == ExitSource::unknown);
    CHECK(unknown.exit_code() == 255);
}
