#include "compose/scalar.hpp"

#include <catch2/catch.hpp>

using namespace compose;

TEST_CASE("plain scalars are what the YAML 1.2 core schema says") {
    const auto [text, kind] = GENERATE(table<const char *, Kind>({
        {"", Kind::null},         {"~", Kind::null},
        {"Null", Kind::null},     {"true", Kind::boolean},
        {"FALSE", Kind::boolean}, {"yes", Kind::string},
        {"on", Kind::string},     {"off", Kind::string},
        {"y", Kind::string},      {"0", Kind::integer},
        {"-12", Kind::integer},   {"+5", Kind::integer},
        {"0x1F", Kind::integer},  {"0o17", Kind::integer},
        {"0755", Kind::integer},  {"0b101", Kind::integer},
        {"089", Kind::real},      {"1.5", Kind::real},
        {".5", Kind::real},       {"1.", Kind::real},
        {"1e3", Kind::real},      {"-.inf", Kind::real},
        {".nan", Kind::real},     {"1e", Kind::string},
        {".", Kind::string},      {"-", Kind::string},
        {"+", Kind::string},      {"22:22", Kind::string},
        {"1_000", Kind::string},  {"2001-01-01", Kind::string},
        {"1.2.3", Kind::string},  {"0x", Kind::string},
        {"64m", Kind::string},    {"99999999999999999999", Kind::real},
    }));
    CAPTURE(text);
    CHECK(resolve_plain_scalar(text) == kind);
}

TEST_CASE("integers are read in every base and never overflow") {
    CHECK(parse_integer("0755") == 493);
    CHECK(parse_integer("0o755") == 493);
    CHECK(parse_integer("0x1f") == 31);
    CHECK(parse_integer("-0b11") == -3);
    CHECK(parse_integer("9223372036854775807") == INT64_MAX);
    CHECK(parse_integer("-9223372036854775808") == INT64_MIN);
    CHECK(parse_integer("9223372036854775808") == std::nullopt);
    CHECK(parse_integer("") == std::nullopt);
    CHECK(parse_integer("0o") == std::nullopt);
    CHECK(parse_integer("--1") == std::nullopt);
}
