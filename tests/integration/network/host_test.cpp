#include "base/error.hpp"
#include "base/file.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

#include <sys/select.h>

#include <fcntl.h>

using namespace world;
using network::LinkRemoval;

TEST_CASE("Containers of a network reach each other, at addresses of its subnet") {
    World world;
    const auto net = world.net->ensure_network(spec("test_default"));
    const auto a = start(world, "test_default", "a");
    const auto b = start(world, "test_default", "b");
    CHECK(net.subnet.contains(a.endpoint.address));
    CHECK(a.endpoint.address != b.endpoint.address);
    CHECK(a.endpoint.interface == "eth0");
    const Server server(b.netns, "b", "0.0.0.0", 80);
    CHECK(ask(a.netns, Protocol::tcp, b.endpoint.address.text(), 80) == "b " + a.endpoint.address.text());
    CHECK(ask(a.netns, Protocol::udp, b.endpoint.address.text(), 80) == "b " + a.endpoint.address.text());
    CHECK(ask(world.host, Protocol::tcp, b.endpoint.address.text(), 80) == "b " + net.gateway.text());
}

TEST_CASE("Containers reach the outside under the host's address, the outside does not reach them") {
    World world;
    const auto net = world.net->ensure_network(spec("test_default"));
    const auto a = start(world, "test_default", "a");
    const Server outside(world.outside, "outside", "10.99.0.2", 80);
    CHECK(ask(a.netns, Protocol::tcp, "10.99.0.2", 80) == "outside 10.99.0.1");

    in(world.outside, [&] { shell("ip route add " + net.subnet.text() + " via 10.99.0.1"); });
    const Server server(a.netns, "a", "0.0.0.0", 80);
    CHECK(unreachable(world.outside, Protocol::tcp, a.endpoint.address.text(), 80));
}

TEST_CASE("Two networks are isolated from each other") {
    World world;
    world.net->ensure_network(spec("one"));
    world.net->ensure_network(spec("two"));
    const auto a = start(world, "one", "a");
    const auto b = start(world, "two", "b");
    const Server server(b.netns, "b", "0.0.0.0", 80);
    CHECK(unreachable(a.netns, Protocol::tcp, b.endpoint.address.text(), 80));
    CHECK(ask(world.host, Protocol::tcp, b.endpoint.address.text(), 80).has_value());
}

TEST_CASE("A container on two networks reaches both and leaves by the one with the gateway") {
    World world;
    world.net->ensure_network(spec("one"));
    world.net->ensure_network(spec("two"));
    const auto a = start(world, "one", "a");
    network::EndpointSpec second;
    second.container_id = "id-of-a";
    second.lease_owner = "test/a/1";
    second.gateway = false;
    CHECK(world.net->attach(a.netns.get(), "two", second).interface == "eth1");
    const auto b = start(world, "two", "b");
    const Server server(b.netns, "b", "0.0.0.0", 80);
    const Server outside(world.outside, "outside", "10.99.0.2", 80);
    CHECK(ask(a.netns, Protocol::tcp, b.endpoint.address.text(), 80).has_value());
    CHECK(ask(a.netns, Protocol::tcp, "10.99.0.2", 80).has_value());
}

TEST_CASE("An internal network has no way out") {
    World world;
    auto wanted = spec("inner");
    wanted.internal = true;
    const auto net = world.net->ensure_network(wanted);
    const auto a = start(world, "inner", "a");
    const auto b = start(world, "inner", "b");
    CHECK_FALSE(a.endpoint.gateway.has_value());
    const Server server(b.netns, "b", "0.0.0.0", 80);
    const Server outside(world.outside, "outside", "10.99.0.2", 80);
    CHECK(ask(a.netns, Protocol::tcp, b.endpoint.address.text(), 80).has_value());
    in(a.netns, [&] { shell("ip route add default via " + net.gateway.text()); });
    CHECK(unreachable(a.netns, Protocol::tcp, "10.99.0.2", 80));
}

TEST_CASE("With enable_icc off, containers reach the outside but not each other") {
    World world;
    auto wanted = spec("shy");
    wanted.driver_opts["com.docker.network.bridge.enable_icc"] = "false";
    world.net->ensure_network(wanted);
    for (const bool bridge_netfilter : {false, true}) {
        set_bridge_netfilter(bridge_netfilter);
        const auto a = start(world, "shy", "a");
        const auto b = start(world, "shy", "b");
        const Server server(b.netns, "b", "0.0.0.0", 80);
        const Server outside(world.outside, "outside", "10.99.0.2", 80);
        CHECK(unreachable(a.netns, Protocol::tcp, b.endpoint.address.text(), 80));
        CHECK(ask(a.netns, Protocol::tcp, "10.99.0.2", 80).has_value());
    }
}

TEST_CASE("A container can't reach the host's loopback through the gateway") {
    World world;
    const auto net = world.net->ensure_network(spec("test_default"));
    const auto a = start(world, "test_default", "a");
    const Server server(world.host, "host", "127.0.0.1", 7777);
    in(a.netns, [&] {
        shell("ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.0/8 via " + net.gateway.text()
              + "; sysctl -qw net.ipv4.conf.eth0.route_localnet=1");
    });
    CHECK(unreachable(a.netns, Protocol::tcp, "127.0.0.1", 7777, a.endpoint.address.text()));
    CHECK(ask(world.host, Protocol::tcp, "127.0.0.1", 7777).has_value());
}

TEST_CASE("The same owner gets the same address and MAC again, and a restart replaces the endpoint") {
    World world;
    world.net->ensure_network(spec("test_default"));
    const auto first = start(world, "test_default", "a");
    const auto again = start(world, "test_default", "a");
    CHECK(again.endpoint.address == first.endpoint.address);
    CHECK(again.endpoint.mac == first.endpoint.mac);
    CHECK(again.endpoint.host_link != first.endpoint.host_link);
    const auto b = start(world, "test_default", "b");
    const Server old_server(first.netns, "old", "0.0.0.0", 80);
    const Server new_server(again.netns, "new", "0.0.0.0", 80);
    CHECK(ask(b.netns, Protocol::tcp, first.endpoint.address.text(), 80)->starts_with("new"));
}

TEST_CASE("Network options are honoured") {
    World world;
    auto wanted = spec("custom");
    wanted.subnet = network::Prefix::parse("10.123.4.0/24");
    wanted.gateway = network::IpAddress::parse("10.123.4.254");
    wanted.driver_opts = {{"com.docker.network.bridge.name", "my-bridge"},
                          {"com.docker.network.driver.mtu", "1400"}};
    world.net->ensure_network(wanted);
    const auto container_ns = make_namespace();
    network::EndpointSpec endpoint;
    endpoint.container_id = "c";
    endpoint.lease_owner = "test/c/1";
    endpoint.ipv4 = network::IpAddress::parse("10.123.4.77");
    endpoint.mac = "02:00:00:00:00:07";
    endpoint.interface = "lan0";
    endpoint.link_local_ips = {*network::IpAddress::parse("169.254.8.8")};
    world.net->attach(container_ns.get(), "custom", endpoint);
    std::string inside;
    in(container_ns, [&] { inside = shell("ip addr show lan0; ip route"); });
    CHECK_THAT(inside, Catch::Contains("10.123.4.77/24") && Catch::Contains("mtu 1400")
                           && Catch::Contains("02:00:00:00:00:07") && Catch::Contains("169.254.8.8/16")
                           && Catch::Contains("default via 10.123.4.254"));
    CHECK_THAT(shell("ip addr show my-bridge"),
               Catch::Contains("10.123.4.254/24") && Catch::Contains("mtu 1400"));
}

TEST_CASE("A loopback alone has no way out") {
    World world;
    const auto alone = make_namespace();
    world.net->setup_loopback(alone.get());
    const Server server(alone, "alone", "127.0.0.1", 80);
    CHECK(ask(alone, Protocol::tcp, "127.0.0.1", 80) == "alone 127.0.0.1");
    CHECK(unreachable(alone, Protocol::tcp, "10.99.0.1", 80));
}

TEST_CASE("DNS sockets are reached at 127.0.0.11:53, and port 53 stays the container's own") {
    World world;
    world.net->ensure_network(spec("test_default"));
    const auto a = start(world, "test_default", "a");
    const Server dns(a.netns, "dns", "127.0.0.11", 5353);
    world.net->redirect_dns(a.netns.get(), 1, 1);
    world.net->redirect_dns(a.netns.get(), 5353, 5353);
    CHECK(ask(a.netns, Protocol::udp, "127.0.0.11", 53)->starts_with("dns"));
    CHECK(ask(a.netns, Protocol::tcp, "127.0.0.11", 53)->starts_with("dns"));
    const Server own(a.netns, "own", "0.0.0.0", 53);
    CHECK(ask(a.netns, Protocol::udp, "127.0.0.1", 53)->starts_with("own"));

    const auto udp = world.net->open_socket_in(a.netns.get(), network::SocketType::udp, "127.0.0.11", 0);
    const auto tcp = world.net->open_socket_in(a.netns.get(), network::SocketType::tcp, "127.0.0.11", 0);
    CHECK(udp.port != 0);
    CHECK(tcp.port != 0);
}

TEST_CASE("A process with more descriptors than select(2) can take sets up networks and DNS") {
    World world;
    std::vector<base::UniqueFd> many;
    while (many.empty() || many.back().get() < 2 * FD_SETSIZE)
        many.push_back(base::open_file("/dev/null", O_RDONLY));
    world.net->ensure_network(spec("test_default"));
    const auto a = start(world, "test_default", "a");
    world.net->redirect_dns(a.netns.get(), 5353, 5353);
    const Server dns(a.netns, "dns", "127.0.0.11", 5353);
    CHECK(ask(a.netns, Protocol::udp, "127.0.0.11", 53)->starts_with("dns"));
}

TEST_CASE("Nothing is left of removed networks, and their subnet is free again") {
    World world;
    const std::string before = shell("ip -o link; nft list ruleset");
    const auto first = world.net->ensure_network(spec("one"));
    const auto second = world.net->ensure_network(spec("two"));
    CHECK_FALSE(first.subnet.overlaps(second.subnet));
    {
        const auto a = start(world, "one", "a");
        CHECK_THROWS_WITH(world.net->remove_networks({"one", "two"}), "network one is in use by test/a/1");
        CHECK(world.net->networks().size() == 2);
        world.net->detach(a.endpoint, LinkRemoval::with_namespace);
        world.net->remove_networks({"one", "two", "never-existed"});
    }
    CHECK(world.net->networks().empty());
    CHECK(shell("ip -o link; nft list ruleset") == before);
    CHECK_FALSE(base::fs::exists(world.paths.networks()));
    CHECK(world.net->ensure_network(spec("three")).subnet == first.subnet);
}

TEST_CASE("A network is made once, and one with another spec is refused") {
    World world;
    auto wanted = spec("test_default");
    const auto made = world.net->ensure_network(wanted);
    CHECK(world.net->ensure_network(wanted) == made);
    wanted.internal = true;
    CHECK_THROWS_WITH(world.net->ensure_network(wanted), "network test_default exists with another internal");
}

TEST_CASE("What a reboot takes away is repaired") {
    World world;
    const auto made = world.net->ensure_network(spec("test_default"));
    shell("ip link del " + made.bridge + "; nft flush ruleset");
    SECTION("with the same subnet") {
        CHECK(world.net->ensure_network(spec("test_default")).subnet == made.subnet);
    }
    SECTION("with another one when a link of the host has taken it") {
        shell("ip link add vpn type bridge; ip addr add " + made.gateway.text()
              + "/16 dev vpn; ip link set vpn up");
        CHECK_FALSE(world.net->ensure_network(spec("test_default")).subnet.overlaps(made.subnet));
    }
    SECTION("by the next container that joins") {}
    const auto a = start(world, "test_default", "a");
    const Server outside(world.outside, "outside", "10.99.0.2", 80);
    CHECK(ask(a.netns, Protocol::tcp, "10.99.0.2", 80) == "outside 10.99.0.1");
}

TEST_CASE("A failed attachment leaves nothing behind") {
    World world;
    world.net->ensure_network(spec("test_default"));
    const auto netns = make_namespace();
    const std::string before = shell("ip -o link | wc -l");
    network::EndpointSpec wanted;
    wanted.container_id = "c";
    wanted.lease_owner = "test/c/1";
    wanted.interface = "lo"; // taken
    CHECK_THROWS_AS(world.net->attach(netns.get(), "test_default", wanted), base::SystemError);
    CHECK(shell("ip -o link | wc -l") == before);
    CHECK_FALSE(world.net->in_use(*world.net->find_network("test_default")));
}
