#include "base/error.hpp"
#include "supervisor/network_of_blueprint.hpp"
#include "supervisor/published_ports.hpp"

#include <catch2/catch.hpp>

using namespace supervisor;

namespace {

container::Spec spec_with_ports() {
    container::Spec spec;
    spec.endpoints = {{.network = "shop_back"}, {.network = "shop_front", .gw_priority = 1}};
    spec.ports = {{"", 8000, 8000, 80, "tcp"}, {"127.0.0.1", 8001, 8005, 81, "udp"}};
    return spec;
}

} // namespace

TEST_CASE("ports are published through the network of the highest priority, else the first") {
    container::Spec spec = spec_with_ports();
    CHECK(gateway_endpoint(spec)->network == "shop_front");
    spec.endpoints[1].gw_priority = 0;
    CHECK(gateway_endpoint(spec)->network == "shop_back");
    spec.endpoints.clear();
    CHECK(gateway_endpoint(spec) == nullptr);
}

TEST_CASE("a port without an address has that of its network's host_binding_ipv4") {
    const container::Spec spec = spec_with_ports();
    const auto anywhere = wanted_ports(spec, nullptr);
    CHECK(anywhere[0] == network::PublishedPort{"", 8000, 8000, 80, "tcp"});
    CHECK(anywhere[1] == network::PublishedPort{"127.0.0.1", 8001, 8005, 81, "udp"});

    plan::NetworkBlueprint print{.key = "front", .name = "shop_front"};
    print.options = {{"com.docker.network.bridge.host_binding_ipv4", "127.0.0.2"}};
    const network::NetworkSpec gateway = network_spec(print, "shop");
    const auto bound = wanted_ports(spec, &gateway);
    CHECK(bound[0].host_ip == "127.0.0.2");
    CHECK(bound[1].host_ip == "127.0.0.1");
}

TEST_CASE("a network whose addresses are none is refused by its key") {
    plan::NetworkBlueprint print{.key = "front", .name = "shop_front", .subnet = "10.0.0.0/99"};
    CHECK_THROWS_WITH(network_spec(print, "shop"), "network front: subnet \"10.0.0.0/99\" is not valid");
}
