#include "base/file.hpp"
#include "engine/network/foreign_firewall.hpp"
#include "engine/network/ruleset.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

using network::ForeignChain;
using network::Network;

namespace {

Network named(const std::string &name, const std::string &bridge, const char *subnet) {
    Network network;
    network.spec.name = name;
    network.bridge = bridge;
    network.subnet = network::Prefix::parse(subnet).value();
    return network;
}

std::vector<Network> three_networks() {
    std::vector<Network> networks{named("open", "cmp-aa", "172.16.0.0/24"),
                                  named("inner", "cmp-bb", "172.16.1.0/24"),
                                  named("shy", "my-bridge", "10.0.0.0/16")};
    networks[1].spec.internal = true;
    networks[2].spec.driver_opts = {{"com.docker.network.bridge.enable_icc", "false"},
                                    {"com.docker.network.bridge.enable_ip_masquerade", "false"}};
    return networks;
}

// COMPOSE_ACCEPT=1 rewrites the golden file.
void compare_with_golden(const std::string &name, const std::string &text) {
    const base::fs::path path = base::fs::path(COMPOSE_TEST_DATA) / name;
    if (std::getenv("COMPOSE_ACCEPT") != nullptr)
        base::write_file_atomic(path, text);
    CHECK(text == base::read_file(path));
}

} // namespace

TEST_CASE("The table follows from networks and published ports") {
    network::Publication web{"id1",
                             "shop-web-1",
                             "shop",
                             "open",
                             *network::IpAddress::parse("172.16.0.2"),
                             {{"", 8000, 8000, 80, "tcp"},
                              {"0.0.0.0", 8001, 8001, 81, "udp"},
                              {"127.0.0.1", 5432, 5432, 5432, "tcp"},
                              {"::1", 9000, 9000, 90, "tcp"}}};
    compare_with_golden("three_networks.nft", network::ruleset("compose", three_networks(), {web}));
}

TEST_CASE("Without networks the table goes") {
    CHECK(network::ruleset("compose", {}, {}) == "table inet compose\ndelete table inet compose\n");
}

TEST_CASE("The DNS redirection replaces an earlier one") {
    compare_with_golden("dns.nft", network::dns_ruleset(4053, 4054));
}

TEST_CASE("Docker's chain gets rules for our bridges, and loses them with the last network") {
    const std::string empty =
        "table ip filter {\n\tchain DOCKER-USER { # handle 1\n\t\tcounter return # handle 2\n\t}\n}\n";
    const std::vector<Network> one{named("open", "cmp-aa", "172.16.0.0/24")};
    CHECK(adjust_foreign_chain(ForeignChain::docker_user, empty, "compose", one)
          == "insert rule ip filter DOCKER-USER oifname \"cmp-*\" counter accept comment \"compose\"\n"
             "insert rule ip filter DOCKER-USER iifname \"cmp-*\" counter accept comment \"compose\"\n"
             "insert rule ip filter DOCKER-USER iifname \"cmp-*\" oifname \"br-*\" counter return comment "
             "\"compose\"\n"
             "insert rule ip filter DOCKER-USER iifname \"cmp-*\" oifname \"docker0\" counter return comment "
             "\"compose\"\n");
    CHECK(adjust_foreign_chain(ForeignChain::docker_user, empty, "compose", {}).empty());

    const std::string present = "\t\tiifname \"cmp-*\" counter accept comment \"compose\" # handle 5\n"
                                "\t\toifname \"cmp-*\" counter accept comment \"compose\" # handle 4\n"
                                "\t\tiifname \"x\" counter accept comment \"compose_other\" # handle 3\n";
    CHECK(adjust_foreign_chain(ForeignChain::forward, present, "compose", one).empty());
    CHECK(adjust_foreign_chain(ForeignChain::forward, present, "compose", {})
          == "delete rule ip filter FORWARD handle 5\ndelete rule ip filter FORWARD handle 4\n");
}

TEST_CASE("A chain that drops by default is told from one that does not") {
    CHECK(network::drops_by_default("type filter hook forward priority filter; policy drop;"));
    CHECK_FALSE(network::drops_by_default("type filter hook forward priority filter; policy accept;"));
}
