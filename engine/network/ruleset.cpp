#include "engine/network/ruleset.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace network {

namespace {

// `elements = { A, B }`, which may not be empty.
std::string elements(const std::vector<std::string> &items) {
    return items.empty() ? "" : fmt::format(" elements = {{ {} }};", fmt::join(items, ", "));
}

std::string bridge_sets(const std::vector<Network> &networks) {
    std::vector<std::string> bridges, internal, talking;
    for (const Network &network : networks) {
        const std::string name = fmt::format("\"{}\"", network.bridge);
        bridges.push_back(name);
        if (network.spec.internal)
            internal.push_back(name);
        if (bridge_options(network.spec).icc)
            talking.push_back(fmt::format("{} . {}", name, name));
    }
    return fmt::format("\tset bridges {{ type ifname;{} }}\n"
                       "\tset internal {{ type ifname;{} }}\n"
                       "\tset within {{ type ifname . ifname;{} }}\n",
                       elements(bridges), elements(internal), elements(talking));
}

std::string port_maps(const std::vector<Publication> &publications) {
    std::vector<std::string> everywhere, at_address;
    for (const Publication &publication : publications) {
        for (const PublishedPort &port : publication.ports) {
            const auto address = IpAddress::parse(port.host_ip);
            // What arrives by IPv6 is the proxy's.
            if (address && !address->is_v4())
                continue;
            const std::string entry = fmt::format("{} . {} : {} . {}", port.protocol, port.host_first,
                                                  publication.target.text(), port.container_port);
            if (!address || *address == IpAddress())
                everywhere.push_back(entry);
            else
                at_address.push_back(fmt::format("{} . {}", address->text(), entry));
        }
    }
    return fmt::format(
        "\tmap published {{ type inet_proto . inet_service : ipv4_addr . inet_service;{} }}\n"
        "\tmap published_at {{ type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service;{} }}\n",
        elements(everywhere), elements(at_address));
}

std::string masquerade_rules(const Network &network) {
    const std::string subnet = network.subnet.text();
    std::string rules;
    if (!network.spec.internal && bridge_options(network.spec).masquerade)
        rules += fmt::format("\t\tip saddr {} oifname != \"{}\" masquerade\n", subnet, network.bridge);
    // A container that reaches one of its own network through a published port must get the answer from the
    // host, not directly. Names of links can't be matched here: with br_netfilter both are the same bridge.
    rules += fmt::format("\t\tip saddr {0} ip daddr {0} ct status dnat masquerade\n", subnet);
    return rules;
}

constexpr std::string_view chains = R"(
	# Links of ours may route 127/8 (see from_here), containers may not use it to reach the host's loopback.
	chain loopback {
		type filter hook prerouting priority raw; policy accept;
		iifname @bridges ip daddr 127.0.0.0/8 drop
	}
	chain publish {
		dnat ip to ip daddr . meta l4proto . th dport map @published_at
		dnat ip to meta l4proto . th dport map @published
	}
	chain from_outside {
		type nat hook prerouting priority dstnat; policy accept;
		meta nfproto ipv4 fib daddr type local jump publish
	}
	chain from_here {
		type nat hook output priority -100; policy accept;
		meta nfproto ipv4 fib daddr type local jump publish
	}
	chain forward {
		type filter hook forward priority filter; policy accept;
		iifname != @bridges oifname != @bridges accept
		ct state established,related accept
		iifname . oifname @within accept
		iifname @internal drop
		oifname @internal drop
		ct status dnat accept
		oifname @bridges drop
	}
)";

} // namespace

std::string ruleset(const std::string &table, const std::vector<Network> &networks,
                    const std::vector<Publication> &publications) {
    std::string text = fmt::format("table inet {0}\ndelete table inet {0}\n", table);
    if (networks.empty())
        return text;
    text += fmt::format("table inet {} {{\n", table);
    text += bridge_sets(networks);
    text += port_maps(publications);
    text += chains;
    text += "\tchain leave {\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n";
    for (const Network &network : networks)
        text += masquerade_rules(network);
    text += "\t\toifname @bridges ip saddr 127.0.0.0/8 masquerade\n\t}\n}\n";
    return text;
}

std::string dns_ruleset(std::uint16_t udp_port, std::uint16_t tcp_port) {
    return fmt::format("table ip compose_dns\ndelete table ip compose_dns\n"
                       "table ip compose_dns {{\n"
                       "\tchain to_server {{\n"
                       "\t\ttype nat hook output priority -100; policy accept;\n"
                       "\t\tip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:{}\n"
                       "\t\tip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:{}\n"
                       "\t}}\n}}\n",
                       udp_port, tcp_port);
}

} // namespace network
