#include "base/error.hpp"
#include "engine/network/ports.hpp"
#include "engine/network/socket_address.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

using namespace world;
using network::check_free;
using network::PublishedPort;
using network::reserve;

namespace {

PublishedPort port(std::uint16_t first, std::uint16_t last = 0, const std::string &protocol = "tcp",
                   const std::string &host_ip = "") {
    return {host_ip, first, last == 0 ? first : last, 80, protocol};
}

std::string failure(const World &world, const PublishedPort &wanted) {
    try {
        (void)reserve(world.paths, {wanted});
    } catch (const base::Error &error) {
        CHECK_FALSE(error.hint().empty());
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("A reserved port is held for both families until it is given back") {
    World world;
    for (const std::string protocol : {"tcp", "udp"}) {
        {
            const auto held = reserve(world.paths, {port(8000, 0, protocol)});
            REQUIRE(held.size() == 1);
            CHECK(held[0].sockets.size() == 2);
            CHECK(held[0].port == port(8000, 0, protocol));
            CHECK_THROWS_AS(check_free(world.paths, {port(8000, 0, protocol)}), base::Error);
            CHECK_THROWS_AS(check_free(world.paths, {port(8000, 0, protocol, "127.0.0.1")}), base::Error);
            CHECK_THROWS_AS(check_free(world.paths, {port(8000, 0, protocol, "::1")}), base::Error);
        }
        CHECK_NOTHROW(check_free(world.paths, {port(8000, 0, protocol)}));
    }
}

TEST_CASE("Any port and ranges become real ports, in the order asked for") {
    World world;
    const auto held = reserve(world.paths, {port(0), port(6000, 6002), port(6000, 6002), port(6000),
                                            port(0, 0, "udp", "127.0.0.1")});
    REQUIRE(held.size() == 5);
    CHECK(held[0].port.host_first >= 1024);
    CHECK(held[1].port == port(6001));
    CHECK(held[2].port == port(6002));
    CHECK(held[3].port == port(6000));
    CHECK(held[4].port.resolved());
    CHECK(held[4].sockets.size() == 1);
    CHECK(failure(world, port(6000, 6002)) == "port 6000-6002/tcp: every port of the range is in use");
}

TEST_CASE("A conflict names the process that holds the port") {
    World world;
    const Server server(world.host, "other", "127.0.0.1", 8000);
    const std::string holder = "process integration_net (pid " + std::to_string(::getpid()) + ")";
    CHECK(failure(world, port(8000)) == "port 8000/tcp is in use by " + holder);
    CHECK(failure(world, port(8000, 0, "udp")) == "port 8000/udp is in use by " + holder);
    CHECK(failure(world, port(8000, 0, "tcp", "127.0.0.1"))
          == "port 127.0.0.1:8000/tcp is in use by " + holder);
}

TEST_CASE("A conflict names the container that holds the port") {
    World world;
    world.net->ensure_network(spec("shop_default"));
    const auto web = start(world, "shop_default", "web");
    const auto held = reserve(world.paths, {port(8000)});
    world.net->publish(
        {"id-of-web", "shop-web-1", "shop", "shop_default", web.endpoint.address, {held[0].port}});
    CHECK(failure(world, port(8000)) == "port 8000/tcp is in use by container shop-web-1 of project shop");
}

TEST_CASE("An address that is not the host's is refused, and so is no address") {
    World world;
    CHECK(failure(world, port(8000, 0, "tcp", "192.0.2.200"))
          == "port 192.0.2.200:8000/tcp: 192.0.2.200 is not an address of this host");
    CHECK(failure(world, port(8000, 0, "tcp", "localhost"))
          == "port localhost:8000/tcp: host_ip localhost is not an IP address");
}

TEST_CASE("A host without IPv6 gets IPv4 alone") {
    World world;
    shell("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=1");
    CHECK_FALSE(reserve(world.paths, {port(8000)}).front().sockets.empty());
}

TEST_CASE("Sockets from a descriptor store are adopted, others are not") {
    World world;
    auto held = reserve(world.paths, {port(8000)});
    CHECK(adopt(port(8000), std::move(held[0].sockets)).sockets.size() == 2);
    held = reserve(world.paths, {port(8001)});
    CHECK_THROWS_AS(adopt(port(8000), std::move(held[0].sockets)), base::Error);
    held = reserve(world.paths, {port(8000, 0, "udp")});
    CHECK_THROWS_AS(adopt(port(8000), std::move(held[0].sockets)), base::Error);
    std::vector<base::UniqueFd> not_a_socket;
    not_a_socket.push_back(base::make_eventfd());
    CHECK_THROWS_AS(adopt(port(8000), std::move(not_a_socket)), base::Error);
}
