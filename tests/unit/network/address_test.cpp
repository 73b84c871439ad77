#include "engine/network/address.hpp"

#include <catch2/catch.hpp>

using network::IpAddress;
using network::Prefix;

TEST_CASE("Addresses of both families are parsed and printed") {
    CHECK(IpAddress::parse("10.1.2.3")->text() == "10.1.2.3");
    CHECK(IpAddress::parse("fd00:0::1")->text() == "fd00::1");
    for (const char *wrong :
         {"", "10.1.2", "10.1.2.300", "10.1.2.3/24", "[::1]", "localhost", "fe80::1%eth0"})
        CHECK_FALSE(IpAddress::parse(wrong).has_value());
}

TEST_CASE("Adding to an address carries over bytes and wraps around") {
    CHECK(IpAddress::parse("10.0.0.255")->plus(1).text() == "10.0.1.0");
    CHECK(IpAddress::parse("10.0.0.0")->plus(65536 + 2).text() == "10.1.0.2");
    CHECK(IpAddress::parse("255.255.255.255")->plus(1).text() == "0.0.0.0");
    CHECK(IpAddress::parse("fd00::ffff")->plus(1).text() == "fd00::1:0");
}

TEST_CASE("Addresses are ordered numerically") {
    CHECK(*IpAddress::parse("9.255.0.1") < *IpAddress::parse("10.0.0.0"));
    CHECK(*IpAddress::parse("10.0.0.200") > *IpAddress::parse("10.0.0.19"));
}

TEST_CASE("A prefix clears host bits and knows what is inside") {
    const auto prefix = Prefix::parse("10.1.2.77/20");
    REQUIRE(prefix.has_value());
    CHECK(prefix->text() == "10.1.0.0/20");
    CHECK(prefix->last().text() == "10.1.15.255");
    CHECK(prefix->contains(*IpAddress::parse("10.1.15.255")));
    CHECK_FALSE(prefix->contains(*IpAddress::parse("10.1.16.0")));
    CHECK_FALSE(prefix->contains(*IpAddress::parse("::1")));
    CHECK(Prefix::parse("0.0.0.0/0")->contains(*IpAddress::parse("192.0.2.1")));
    for (const char *wrong : {"", "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "x/8"})
        CHECK_FALSE(Prefix::parse(wrong).has_value());
}

TEST_CASE("Prefixes overlap when one contains the other, whichever is larger") {
    const auto large = *Prefix::parse("10.0.0.0/8"), small = *Prefix::parse("10.9.0.0/24");
    CHECK(large.overlaps(small));
    CHECK(small.overlaps(large));
    CHECK(small.overlaps(small));
    CHECK_FALSE(small.overlaps(*Prefix::parse("10.9.1.0/24")));
}

TEST_CASE("MAC addresses are those of one station") {
    CHECK(network::mac_text(*network::parse_mac("02:42:AC:11:00:ff")) == "02:42:ac:11:00:ff");
    CHECK(network::parse_mac("02-42-ac-11-00-02").has_value());
    for (const char *wrong :
         {"", "02:42:ac:11:00", "01:00:5e:00:00:01", "02:42:ac:11:00:0g", "02x42:ac:11:00:02"})
        CHECK_FALSE(network::parse_mac(wrong).has_value());
}
