#include "base/error.hpp"
#include "engine/network/lease.hpp"

#include <catch2/catch.hpp>

using network::EndpointSpec;
using network::IpAddress;
using network::Network;
using network::Prefix;
using network::take_lease;

namespace {

bool all_alive(const std::string &) {
    return true;
}

bool none_alive(const std::string &) {
    return false;
}

Network small_network(const char *subnet = "10.0.0.0/29") {
    Network network;
    network.spec.name = "net";
    network.spec.subnet = network.subnet = Prefix::parse(subnet).value();
    network.gateway = network::default_gateway(network.subnet);
    return network;
}

EndpointSpec owner(const std::string &name, const char *address = nullptr) {
    EndpointSpec spec;
    spec.container_id = "id-" + name;
    spec.lease_owner = name;
    if (address != nullptr)
        spec.ipv4 = IpAddress::parse(address);
    return spec;
}

std::string take(Network &network, const EndpointSpec &spec, const network::LinkAlive &alive = all_alive) {
    network::Lease &lease = take_lease(network, spec, alive);
    lease.host_link = "link-" + spec.lease_owner;
    return lease.address.text();
}

} // namespace

TEST_CASE("The lowest free address is taken, and kept by its owner") {
    auto network = small_network();
    network.spec.aux_addresses["router"] = IpAddress::parse("10.0.0.3").value();
    CHECK(take(network, owner("a")) == "10.0.0.2");
    CHECK(take(network, owner("b")) == "10.0.0.4");
    CHECK(take(network, owner("a")) == "10.0.0.2");
    network.leases.erase("a");
    CHECK(take(network, owner("c")) == "10.0.0.2");
    CHECK(network.leases["c"].mac == "02:42:0a:00:00:02");
}

TEST_CASE("A range limits what is handed out without a number") {
    auto network = small_network("10.0.0.0/24");
    network.spec.ip_range = Prefix::parse("10.0.0.128/30");
    CHECK(take(network, owner("a")) == "10.0.0.128");
    CHECK(take(network, owner("b", "10.0.0.9")) == "10.0.0.9");
    for (const char *name : {"c", "d", "e"})
        take(network, owner(name));
    CHECK_THROWS_WITH(take(network, owner("f")), "network net: no free address is left in 10.0.0.128/30");
}

TEST_CASE("A full network takes back addresses of those who are not attached") {
    auto network = small_network("10.0.0.0/30");
    CHECK(take(network, owner("a")) == "10.0.0.2");
    CHECK_THROWS_AS(take(network, owner("b")), base::Error);
    CHECK(take(network, owner("b"), none_alive) == "10.0.0.2");
    CHECK(network.leases.count("a") == 0);
}

TEST_CASE("An address asked for is given unless somebody attached has it") {
    auto network = small_network();
    CHECK(take(network, owner("a", "10.0.0.5")) == "10.0.0.5");
    CHECK_THROWS_WITH(take(network, owner("b", "10.0.0.5")), "address 10.0.0.5 on network net: in use by a");
    CHECK(take(network, owner("b", "10.0.0.5"), none_alive) == "10.0.0.5");
    CHECK_THROWS_AS(take(network, owner("c", "10.0.0.1")), base::Error);
    CHECK_THROWS_AS(take(network, owner("c", "10.0.0.7")), base::Error);
    CHECK_THROWS_WITH(take(network, owner("c", "10.9.0.1")),
                      "address 10.9.0.1 on network net: not in its subnet 10.0.0.0/29");
    network.spec.subnet.reset();
    CHECK_THROWS_AS(take(network, owner("c", "10.0.0.6")), base::Error);
}

TEST_CASE("An address kept for an owner is nobody else's by chance, unless somebody attached has it") {
    auto network = small_network();
    const auto address = [](const char *text) { return IpAddress::parse(text).value(); };
    CHECK(keep_address(network, "fixed", address("10.0.0.2"), all_alive));
    CHECK_FALSE(keep_address(network, "fixed", address("10.0.0.2"), all_alive));
    CHECK(take(network, owner("a")) == "10.0.0.3");
    CHECK(take(network, owner("fixed", "10.0.0.2")) == "10.0.0.2");
    CHECK_FALSE(keep_address(network, "late", address("10.0.0.3"), all_alive));
    CHECK_FALSE(keep_address(network, "a", address("10.0.0.4"), all_alive));
    CHECK(keep_address(network, "late", address("10.0.0.3"), none_alive));
    CHECK(network.leases.count("a") == 0);
    CHECK_FALSE(keep_address(network, "gateway", address("10.0.0.1"), all_alive));
    CHECK_FALSE(keep_address(network, "elsewhere", address("10.9.0.1"), all_alive));
    CHECK(network.leases.size() == 2);
}

TEST_CASE("A MAC address asked for is used, a malformed one refused") {
    auto network = small_network();
    auto spec = owner("a");
    spec.mac = "02:00:00:00:00:01";
    take(network, spec);
    CHECK(network.leases["a"].mac == "02:00:00:00:00:01");
    spec.mac = "02:00:00";
    CHECK_THROWS_WITH(take(network, spec), "mac_address 02:00:00 is not a unicast MAC address");
}
