#include "base/file.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

using namespace world;

namespace {

network::PublishedPort port(std::uint16_t host, std::uint16_t container, const std::string &protocol = "tcp",
                            const std::string &host_ip = "") {
    return {host_ip, host, host, container, protocol};
}

network::Publication publication(const Container &container, std::vector<network::PublishedPort> ports) {
    const auto &endpoint = container.endpoint;
    return {endpoint.container_id, endpoint.container_id, "test",
            endpoint.network,      endpoint.address,      std::move(ports)};
}

// A world with container a serving on port 80, published as 8000, and with Docker's firewall and
// br_netfilter or without.
struct Published {
    World world;
    Container a;
    std::optional<Server> server;

    explicit Published(bool beside_docker) {
        if (beside_docker)
            add_docker_firewall();
        set_bridge_netfilter(beside_docker);
        world.net->ensure_network(spec("one"));
        world.net->ensure_network(spec("two"));
        a = start(world, "one", "a");
        server.emplace(a.netns, "a", "0.0.0.0", 80);
        world.net->publish(publication(a, {port(8000, 80), port(8000, 80, "udp")}));
    }
};

} // namespace

TEST_CASE("A published port is reached from everywhere") {
    const bool beside_docker = GENERATE(false, true);
    Published setup(beside_docker);
    const auto &[world, a, server] = setup;
    const auto sibling = start(setup.world, "one", "sibling");
    const auto stranger = start(setup.world, "two", "stranger");
    const std::string own_address = a.endpoint.address.text();
    for (const auto protocol : {Protocol::tcp, Protocol::udp}) {
        INFO((protocol == Protocol::tcp ? "tcp" : "udp") << (beside_docker ? " beside Docker" : ""));
        CHECK(ask(world.outside, protocol, "10.99.0.1", 8000) == "a 10.99.0.2");
        CHECK(ask(world.outside, protocol, "10.99.0.9", 8000) == "a 10.99.0.2");
        CHECK(ask(world.host, protocol, "127.0.0.1", 8000).has_value());
        CHECK(ask(world.host, protocol, "127.0.0.5", 8000).has_value());
        CHECK(ask(world.host, protocol, "10.99.0.1", 8000).has_value());
        CHECK(ask(a.netns, protocol, "10.99.0.1", 8000).has_value());
        CHECK(ask(sibling.netns, protocol, "10.99.0.1", 8000).has_value());
        CHECK(ask(stranger.netns, protocol, "10.99.0.1", 8000).has_value());
        CHECK(unreachable(stranger.netns, protocol, own_address, 80));
        CHECK(ask(sibling.netns, protocol, own_address, 80) == "a " + sibling.endpoint.address.text());
    }
    const Server outside(world.outside, "outside", "10.99.0.2", 80);
    CHECK(ask(a.netns, Protocol::tcp, "10.99.0.2", 80) == "outside 10.99.0.1");
}

TEST_CASE("A port published at one address is reached there only") {
    Published setup(false);
    setup.world.net->publish(
        publication(setup.a, {port(8001, 80, "tcp", "127.0.0.1"), port(8002, 80, "tcp", "10.99.0.9")}));
    const auto &world = setup.world;
    CHECK(ask(world.host, Protocol::tcp, "127.0.0.1", 8001).has_value());
    CHECK(unreachable(world.host, Protocol::tcp, "10.99.0.1", 8001));
    CHECK(unreachable(world.outside, Protocol::tcp, "10.99.0.1", 8001));
    CHECK(ask(world.outside, Protocol::tcp, "10.99.0.9", 8002).has_value());
    CHECK(unreachable(world.outside, Protocol::tcp, "10.99.0.1", 8002));
    CHECK(unreachable(world.outside, Protocol::tcp, "10.99.0.1", 8000));
}

TEST_CASE("After unpublishing a port leads nowhere") {
    Published setup(false);
    setup.world.net->unpublish(setup.a.endpoint.container_id);
    setup.world.net->unpublish("never-published");
    CHECK(unreachable(setup.world.outside, Protocol::tcp, "10.99.0.1", 8000));
    CHECK(setup.world.net->publications().empty());
    CHECK_FALSE(base::fs::exists(setup.world.paths.run() / "ports"));
}

TEST_CASE("Whoever holds a port gets it, whatever an abandoned record says") {
    Published setup(false);
    const auto b = start(setup.world, "one", "b");
    const Server server(b.netns, "b", "0.0.0.0", 80);
    setup.world.net->publish(publication(b, {port(8000, 80)}));
    CHECK(ask(setup.world.outside, Protocol::tcp, "10.99.0.1", 8000) == "b 10.99.0.2");
    CHECK(ask(setup.world.outside, Protocol::udp, "10.99.0.1", 8000) == "a 10.99.0.2");
}

TEST_CASE("A container that is gone loses its published ports at the next change") {
    Published setup(false);
    shell("ip link del " + setup.a.endpoint.host_link);
    setup.world.net->ensure_network(spec("three"));
    CHECK(setup.world.net->publications().empty());
}

TEST_CASE("Datagrams that keep coming follow the port to its next container") {
    Published setup(false);
    auto &world = setup.world;
    const auto b = start(world, "one", "b");
    const Server server(b.netns, "b", "0.0.0.0", 80);
    CHECK(ask(world.outside, Protocol::udp, "10.99.0.1", 8000, "10.99.0.2:4000") == "a 10.99.0.2");
    world.net->unpublish(setup.a.endpoint.container_id);
    CHECK(unreachable(world.outside, Protocol::udp, "10.99.0.1", 8000, "10.99.0.2:4000"));
    world.net->publish(publication(b, {port(8000, 80, "udp")}));
    CHECK(ask(world.outside, Protocol::udp, "10.99.0.1", 8000, "10.99.0.2:4000") == "b 10.99.0.2");
}

TEST_CASE("Docker's chain is left as it was found, and so is a FORWARD chain that drops") {
    World world;
    SECTION("Docker's") {
        add_docker_firewall();
    }
    SECTION("another one's") {
        shell("iptables -P FORWARD DROP");
    }
    const std::string before = shell("iptables-save | grep -v '^#'");
    world.net->ensure_network(spec("one"));
    CHECK_THAT(shell("iptables-save"), Catch::Contains("-i cmp-+ ") && Catch::Contains("-o cmp-+ "));
    const std::string with_one = shell("iptables-save | grep -v '^#'");
    world.net->ensure_network(spec("two"));
    CHECK(shell("iptables-save | grep -v '^#'") == with_one);
    const auto a = start(world, "one", "a");
    const Server outside(world.outside, "outside", "10.99.0.2", 80);
    CHECK(ask(a.netns, Protocol::tcp, "10.99.0.2", 80).has_value());
    world.net->detach(a.endpoint, network::LinkRemoval::with_namespace);
    world.net->remove_networks({"one", "two"});
    CHECK(shell("iptables-save | grep -v '^#'") == before);
}
