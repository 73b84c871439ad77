#include "base/json.hpp"

#include <catch2/catch.hpp>

using base::json_as;
using base::json_or;
using base::parse_json;

TEST_CASE("a whole number is taken within its type's range, and nothing else for it") {
    const auto number = [](const char *text) { return parse_json(text, "test"); };
    CHECK(json_as<int>(number("-7")) == -7);
    CHECK(json_as<std::int64_t>(number("9223372036854775807")) == 9223372036854775807);
    CHECK(json_as<std::uint64_t>(number("18446744073709551615")) == 18446744073709551615U);
    CHECK_FALSE(json_as<std::int64_t>(number("9223372036854775808")));
    CHECK_FALSE(json_as<int>(number("2147483648")));
    CHECK_FALSE(json_as<std::uint16_t>(number("65536")));
    CHECK_FALSE(json_as<std::uint16_t>(number("-1")));
    for (const char *other : {"1e300", "-1e300", "1.5", "1.0", "true", "\"1\"", "null", "[1]"})
        CHECK_FALSE(json_as<int>(number(other)));
    CHECK(json_as<bool>(number("true")) == true);
    CHECK_FALSE(json_as<bool>(number("1")));
    CHECK(json_as<double>(number("1.5")) == 1.5);
}

TEST_CASE("a member that is not what is asked for has its fallback") {
    const auto json = parse_json(R"({"port": 1e300, "size": 5, "name": 3, "none": null})", "test");
    CHECK(json_or<std::uint16_t>(json, "port", 1) == 1);
    CHECK(json_or<int>(json, "size", 1) == 5);
    CHECK(json_or<std::string>(json, "name", "x") == "x");
    CHECK(json_or<int>(json, "none", 2) == 2);
    CHECK(json_or<int>(json, "missing", 3) == 3);
    CHECK(json_or<int>(parse_json("[1]", "test"), "size", 4) == 4);
}
