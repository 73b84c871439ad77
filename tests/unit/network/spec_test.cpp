#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/network/spec.hpp"

#include <catch2/catch.hpp>

using network::IpAddress;
using network::Network;
using network::NetworkSpec;
using network::Prefix;

namespace {

NetworkSpec full_spec() {
    NetworkSpec spec;
    spec.name = "shop_default";
    spec.project = "shop";
    spec.key = "default";
    spec.labels = {{"com.docker.compose.project", "shop"}};
    spec.subnet = Prefix::parse("10.1.0.0/24");
    spec.gateway = IpAddress::parse("10.1.0.254");
    spec.ip_range = Prefix::parse("10.1.0.128/25");
    spec.aux_addresses = {{"router", *IpAddress::parse("10.1.0.2")}};
    spec.internal = true;
    spec.attachable = true;
    spec.driver_opts = {{"com.docker.network.driver.mtu", "1400"}};
    return spec;
}

std::string refusal(const NetworkSpec &spec) {
    try {
        validate(spec);
    } catch (const base::Error &error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("Records survive being written and read") {
    const Network written{
        full_spec(),
        std::string(64, 'a'),
        "cmp-aaaaaaaaaa",
        *Prefix::parse("10.1.0.0/24"),
        *IpAddress::parse("10.1.0.254"),
        *base::parse_rfc3339("2024-05-06T07:08:09.123456789Z"),
        {{"shop/web/1", {*IpAddress::parse("10.1.0.129"), "02:42:0a:01:00:81", "id", "vc12"}}}};
    const auto text = base::pretty_json(to_json(written));
    CHECK(network::network_from_json(base::parse_json(text, "test"), "test") == written);

    const network::PublishedPort port{"127.0.0.1", 8000, 8000, 80, "udp"};
    const network::Publication publication{
        "id", "shop-web-1", "shop", "shop_default", *IpAddress::parse("10.1.0.129"), {port}};
    CHECK(network::publication_from_json(to_json(publication), "test") == publication);

    network::Endpoint endpoint{"shop_default", "id",   "shop/web/1", *IpAddress::parse("10.1.0.129"), 24, {},
                               "mac",          "vc12", "eth0"};
    CHECK(network::endpoint_from_json(to_json(endpoint), "test") == endpoint);
    endpoint.gateway = IpAddress::parse("10.1.0.254");
    CHECK(network::endpoint_from_json(to_json(endpoint), "test") == endpoint);
}

TEST_CASE("A record that is wrong is refused with the member's name") {
    const auto read = [](const std::string &text) {
        return network::network_from_json(base::parse_json(text, "f"), "f");
    };
    CHECK_THROWS_WITH(read(R"({"version": 2})"), "f: version 2 is newer than this program");
    CHECK_THROWS_WITH(read(R"({"subnet": "10.0.0.0"})"),
                      "f: member \"subnet\" is missing or has a wrong value");
    CHECK_THROWS_WITH(read(R"({"spec": {"internal": 3}})"),
                      "f: spec: member \"internal\" is missing or has a wrong value");
    CHECK_THROWS_WITH(read("[]"), "f: not a JSON object");
}

TEST_CASE("What can't become a network is refused with the reason") {
    CHECK(refusal(full_spec()).empty());
    const auto changed = [](auto change) {
        auto spec = full_spec();
        change(spec);
        return refusal(spec);
    };
    CHECK(changed([](auto &s) { s.name = "../evil"; }) == "network ../evil: not a network name");
    CHECK(changed([](auto &s) { s.driver = "overlay"; })
          == "network shop_default: driver overlay is not supported");
    CHECK(changed([](auto &s) { s.enable_ipv6 = true; })
          == "network shop_default: IPv6 inside networks is not supported yet");
    CHECK(changed([](auto &s) { s.subnet = Prefix::parse("fd00::/64"); })
          == "network shop_default: subnet fd00::/64 is IPv6, which is not supported yet");
    CHECK(changed([](auto &s) { s.subnet = Prefix::parse("10.1.0.0/31"); })
          == "network shop_default: subnet 10.1.0.0/31 has no room for a gateway and a container");
    CHECK(changed([](auto &s) { s.gateway = IpAddress::parse("10.2.0.1"); })
          == "network shop_default: gateway 10.2.0.1 is not an address of a host in subnet 10.1.0.0/24");
    CHECK(changed([](auto &s) { s.ip_range = Prefix::parse("10.0.0.0/8"); })
          == "network shop_default: ip_range 10.0.0.0/8 is not inside subnet 10.1.0.0/24");
    CHECK(changed([](auto &s) { s.subnet.reset(); })
          == "network shop_default: gateway, ip_range and aux_addresses need a subnet");
    CHECK(changed([](auto &s) {
              s.driver_opts = {{"foo", "bar"}};
          })
          == "network shop_default: driver option foo is not supported");
    CHECK(changed([](auto &s) {
              s.driver_opts = {{"mtu", "9999999"}};
          })
          == "network shop_default: mtu \"9999999\" is not a number from 68 to 65535");
    CHECK(changed([](auto &s) {
              s.driver_opts = {{"com.docker.network.bridge.name", "bad\"name"}};
          })
          == "network shop_default: bridge name \"bad\"name\" is not a link name");
    CHECK(changed([](auto &s) {
              s.driver_opts = {{"com.docker.network.bridge.enable_icc", "maybe"}};
          })
          == "network shop_default: driver option com.docker.network.bridge.enable_icc is neither true nor "
             "false but "
             "\"maybe\"");
}

TEST_CASE("Differences name what makes a network another one") {
    auto wanted = full_spec();
    CHECK(differences(full_spec(), wanted).empty());
    wanted.key = "renamed";
    CHECK(differences(full_spec(), wanted).empty());
    wanted.labels.clear();
    wanted.subnet = Prefix::parse("10.2.0.0/24");
    CHECK(differences(full_spec(), wanted) == std::vector<std::string>{"subnet", "labels"});
}

TEST_CASE("Port ranges are parsed and printed") {
    using Range = std::pair<std::uint16_t, std::uint16_t>;
    CHECK(network::parse_port_range("") == Range{0, 0});
    CHECK(network::parse_port_range("0") == Range{0, 0});
    CHECK(network::parse_port_range("8000") == Range{8000, 8000});
    CHECK(network::parse_port_range("6005-6015") == Range{6005, 6015});
    for (const char *wrong : {"-", "1-", "-1", "70000", "80-79", "0-5", "a", "80 "})
        CHECK_FALSE(network::parse_port_range(wrong).has_value());
    CHECK(network::host_side_text({"", 8000, 8000, 80, "tcp"}) == "8000/tcp");
    CHECK(network::host_side_text({"127.0.0.1", 6005, 6015, 80, "udp"}) == "127.0.0.1:6005-6015/udp");
    CHECK(network::host_side_text({"::1", 53, 53, 53, "udp"}) == "[::1]:53/udp");
}
