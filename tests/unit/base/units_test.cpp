#include "base/units.hpp"

#include <catch2/catch.hpp>

using namespace base;
using namespace std::chrono_literals;

TEST_CASE("sizes are binary multiples") {
    CHECK(parse_bytes("64m")->value == 64LL * 1024 * 1024);
    CHECK(parse_bytes("1.5GiB")->value == 3LL * 512 * 1024 * 1024);
    CHECK(parse_bytes("1024")->value == 1024);
    CHECK(parse_bytes("2 kb")->value == 2048);
    CHECK(parse_bytes("7b")->value == 7);
    CHECK_FALSE(parse_bytes("m"));
    CHECK_FALSE(parse_bytes("-1"));
    CHECK_FALSE(parse_bytes("1x"));
    CHECK_FALSE(parse_bytes("1mm"));
}

TEST_CASE("durations are Go's") {
    CHECK(*parse_duration("1m30s") == 90s);
    CHECK(*parse_duration("1.5h") == 90min);
    CHECK(*parse_duration("100ms") == 100ms);
    CHECK(*parse_duration("1w") == 168h);
    CHECK(*parse_duration("0") == 0s);
    CHECK_FALSE(parse_duration("10"));
    CHECK_FALSE(parse_duration(""));
    CHECK_FALSE(parse_duration("1y"));
    CHECK(format_duration(90s) == "1m30s");
    CHECK(format_duration(1500ms) == "1.5s");
    CHECK(format_duration(250ms) == "250ms");
    CHECK(format_duration(2h) == "2h0m0s");
}

TEST_CASE("times are RFC 3339") {
    const auto time = parse_rfc3339("2026-01-02T03:04:05.000000006Z");
    REQUIRE(time);
    CHECK(format_rfc3339(*time) == "2026-01-02T03:04:05.000000006Z");
    CHECK(format_rfc3339(*parse_rfc3339("2026-01-02T03:04:05+01:00")) == "2026-01-02T02:04:05.000000000Z");
    CHECK(parse_rfc3339("2026-01-02"));
    CHECK_FALSE(parse_rfc3339("2026-1-2"));
    CHECK_FALSE(parse_rfc3339("2026-01-02T03:04:05 nonsense"));
}

TEST_CASE("sizes and ages for people") {
    CHECK(format_size({0}) == "0B");
    CHECK(format_size({1234}) == "1.23kB");
    CHECK(format_size({78'500'000}) == "78.5MB");
    CHECK(format_age(500ms) == "Less than a second");
    CHECK(format_age(61s) == "About a minute");
    CHECK(format_age(3h) == "3 hours");
}
