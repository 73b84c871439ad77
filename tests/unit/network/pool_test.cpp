#include "base/error.hpp"
#include "engine/network/pool.hpp"
#include "engine/network/subnet.hpp"

#include <catch2/catch.hpp>

using network::AddressSpace;
using network::choose_subnet;
using network::first_free_subnet;
using network::Network;
using network::parse_pools;
using network::Prefix;

namespace {

Prefix prefix(const char *text) {
    return Prefix::parse(text).value();
}

Network named(const std::string &name, const char *subnet, const std::string &project = "shop") {
    Network network;
    network.spec.name = name;
    network.spec.project = project;
    network.subnet = prefix(subnet);
    return network;
}

} // namespace

TEST_CASE("Pools are read with and without a subnet length") {
    const auto pools = parse_pools("10.128.0.0/10:26,192.168.0.0/16");
    REQUIRE(pools.size() == 2);
    CHECK(pools[0].text() == "10.128.0.0/10:26");
    CHECK(pools[1].text() == "192.168.0.0/16:24");
    for (const char *wrong :
         {"", "10.0.0.0/8,", "10.0.0.0", "10.0.0.0/8:4", "10.0.0.0/8:31", "10.0.0.0/8:x", "fd00::/8"})
        CHECK_THROWS_AS(parse_pools(wrong), base::Error);
}

TEST_CASE("The first subnet that overlaps nothing is taken, and released ones come again") {
    const auto pools = parse_pools("172.16.0.0/14:24,10.0.0.0/16:24");
    CHECK(first_free_subnet(pools, {})->text() == "172.16.0.0/24");
    CHECK(first_free_subnet(pools, {prefix("172.16.0.0/24"), prefix("172.16.1.128/25")})->text()
          == "172.16.2.0/24");
    CHECK(first_free_subnet(pools, {prefix("172.16.1.0/24")})->text() == "172.16.0.0/24");
    CHECK(first_free_subnet(pools, {prefix("172.16.0.0/15"), prefix("172.18.0.0/16")})->text()
          == "172.19.0.0/24");
    CHECK(first_free_subnet(pools, {prefix("172.0.0.0/8")})->text() == "10.0.0.0/24");
    CHECK_FALSE(first_free_subnet(pools, {prefix("172.0.0.0/8"), prefix("10.0.0.0/8")}).has_value());
}

TEST_CASE("A pool up to the last address ends") {
    const auto pools = parse_pools("255.255.255.0/24:25");
    CHECK_FALSE(first_free_subnet(pools, {prefix("255.255.255.0/24")}).has_value());
}

TEST_CASE("A thousand networks fit the default pools") {
    std::vector<Prefix> taken{prefix("172.17.0.0/16"), prefix("192.168.1.0/24")};
    for (int i = 0; i < 1000; ++i) {
        const auto subnet = first_free_subnet(network::default_pools(), taken);
        REQUIRE(subnet.has_value());
        for (const Prefix &other : taken)
            REQUIRE_FALSE(subnet->overlaps(other));
        taken.push_back(*subnet);
    }
}

TEST_CASE("Allocation avoids routes of the host and other networks, and keeps what a network has") {
    AddressSpace space{
        parse_pools("10.0.0.0/16:24"), {named("shop_a", "10.0.0.0/24")}, {{prefix("10.0.1.0/24"), 1, true}}};
    auto wanted = named("shop_b", "10.0.7.0/24");
    CHECK(choose_subnet(wanted, false, space).text() == "10.0.2.0/24");
    CHECK(choose_subnet(wanted, true, space).text() == "10.0.7.0/24");
    space.routes.push_back({prefix("10.0.7.0/25"), 2, false});
    CHECK(choose_subnet(wanted, true, space).text() == "10.0.2.0/24");
}

TEST_CASE("Exhausted pools name who fills them") {
    const AddressSpace space{parse_pools("10.0.0.0/25:25"), {named("shop_a", "10.0.0.0/25")}, {}};
    CHECK_THROWS_WITH(choose_subnet(named("new", "0.0.0.0/32"), false, space),
                      "network new: no subnet is free in the address pools 10.0.0.0/25:25; in use by network "
                      "shop_a of project shop");
}

TEST_CASE("A subnet of the file may lie in a route, but not overlap a network or a link of the host") {
    AddressSpace space{{}, {named("shop_a", "10.1.0.0/16")}, {{prefix("10.0.0.0/8"), 1, false}}};
    auto wanted = named("shop_b", "0.0.0.0/32");
    wanted.spec.subnet = prefix("10.2.0.0/16");
    CHECK(choose_subnet(wanted, false, space) == prefix("10.2.0.0/16"));
    wanted.spec.subnet = prefix("10.1.5.0/24");
    CHECK_THROWS_WITH(
        choose_subnet(wanted, false, space),
        "network shop_b: subnet 10.1.5.0/24 overlaps 10.1.0.0/16 of network shop_a of project shop");
    wanted.spec.subnet = prefix("10.2.0.0/16");
    space.routes.push_back({prefix("10.2.3.0/24"), 2, true});
    CHECK_THROWS_WITH(
        choose_subnet(wanted, false, space),
        "network shop_b: subnet 10.2.0.0/16 overlaps 10.2.3.0/24, which a link of the host is in");
}
