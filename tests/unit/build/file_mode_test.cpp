#include "engine/build/file_mode.hpp"

#include <catch2/catch.hpp>

using build::FileMode;

namespace {

mode_t applied(std::string_view text, mode_t mode, bool is_directory = false) {
    const auto parsed = FileMode::parse(text);
    REQUIRE(parsed);
    return parsed->apply(mode, is_directory);
}

} // namespace

TEST_CASE("an octal mode is the mode") {
    CHECK(applied("755", 0600) == 0755);
    CHECK(applied("0644", 0777) == 0644);
    CHECK(applied("4755", 0) == 04755);
    CHECK(applied("0", 0777) == 0);
}

TEST_CASE("a symbolic mode changes what it names") {
    CHECK(applied("u+x", 0644) == 0744);
    CHECK(applied("+x", 0644) == 0755);
    CHECK(applied("a-w", 0666) == 0444);
    CHECK(applied("go=", 0777) == 0700);
    CHECK(applied("u=rw,go=r", 0777) == 0644);
    CHECK(applied("ug+rw,o-rwx", 0457) == 0670);
    CHECK(applied("u=rwx+s", 0644) == 04744);
    CHECK(applied("g+s,+t", 0755) == 03755);
    CHECK(applied("u=,g=u", 0755) == 0005);
    CHECK(applied("o=g", 0750) == 0755);
    CHECK(applied("u-w+x", 0600) == 0500);
}

TEST_CASE("X is for directories and what somebody may execute") {
    CHECK(applied("u=rwX,go=rX", 0600) == 0644);
    CHECK(applied("u=rwX,go=rX", 0700) == 0755);
    CHECK(applied("u=rwX,go=rX", 0600, true) == 0755);
}

TEST_CASE("what is no mode is none") {
    for (const char *text : {"", "8", "10000", "u", "rwx", "u+q", "u+x,", ",u+x", "u+gx", "7 5 5", "-"}) {
        INFO(text);
        CHECK(FileMode::parse(text).has_value() == (std::string_view(text) == "-"));
    }
}
