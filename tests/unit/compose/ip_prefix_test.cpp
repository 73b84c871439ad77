#include "compose/ip_prefix.hpp"

#include <catch2/catch.hpp>

using compose::IpPrefix;

TEST_CASE("addresses and networks of both families are read, and nothing else is") {
    CHECK(IpPrefix::parse_address("10.1.2.3")->length == 32);
    CHECK(IpPrefix::parse_address("fd00::1")->length == 128);
    CHECK(IpPrefix::parse_network("10.1.0.0/16")->length == 16);
    CHECK(IpPrefix::parse_network("fd00::/64")->v6);
    for (const char *text : {"", "10.1.2", "10.1.2.256", "10.1.2.3/24", "host", "[fd00::1]"})
        CHECK_FALSE(IpPrefix::parse_address(text));
    for (const char *text : {"", "10.1.2.3", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "fd00::/129", "/8"})
        CHECK_FALSE(IpPrefix::parse_network(text));
}

TEST_CASE("a network contains the addresses and networks that share its bits") {
    const auto contains = [](const char *network, const char *address) {
        return IpPrefix::parse_network(network)->contains(*IpPrefix::parse_address(address));
    };
    CHECK(contains("10.1.0.0/20", "10.1.15.255"));
    CHECK_FALSE(contains("10.1.0.0/20", "10.1.16.0"));
    CHECK(contains("0.0.0.0/0", "255.255.255.255"));
    CHECK_FALSE(contains("0.0.0.0/0", "::"));
    CHECK(contains("fd00::/63", "fd00:0:0:1::5"));
    CHECK_FALSE(contains("fd00::/64", "fd00:0:0:1::5"));
    const auto wide = *IpPrefix::parse_network("10.0.0.0/8");
    const auto narrow = *IpPrefix::parse_network("10.2.0.0/16");
    CHECK(wide.contains(narrow));
    CHECK_FALSE(narrow.contains(wide));
}
