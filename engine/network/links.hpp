// Bridges, veth pairs, addresses and routes, one kernel request or two each.
#pragma once

#include "engine/network/netlink.hpp"
#include "engine/network/spec.hpp"

#include <string>
#include <vector>

namespace network {

// A route of the host, default routes left out.
struct HostRoute {
    Prefix destination;
    unsigned link = 0;      // index; 0 when it has none
    bool connected = false; // the subnet of an address of the link
};

[[nodiscard]] std::vector<HostRoute> host_routes(Netlink &netlink);

// Makes the bridge if it is missing and sets it up: up, address, 127/8 routable from it.
// @throws base::Error when a link of that name is not a bridge.
void ensure_bridge(Netlink &netlink, const Network &network);

struct VethPlan {
    std::string host_link;
    std::string interface; // the name inside the namespace
    std::string mac;
    int mtu = 0;
    bool isolated = false; // may not talk to the bridge's other isolated ports
};

// The pair, its host end up and on the bridge, its other end in the namespace, still down.
void create_veth(Netlink &netlink, const std::string &bridge, int netns, const VethPlan &plan);

// With `inside` opened in the container's namespace:
void set_loopback_up(Netlink &inside);
void configure_interface(Netlink &inside, const Endpoint &endpoint, const std::vector<IpAddress> &link_local);

// Makes the link carry traffic at once. The kernel notices that both ends of a pair are up in a worker of its
// own, and drops packets until then; asking for the link's state waits for it (Linux 6.8).
void settle_link(Netlink &netlink, const std::string &name);

// Takes the port out of the bridge's forwarding at once, without the wait a deletion takes. A missing link is
// fine.
void silence_port(Netlink &netlink, const std::string &link);

// Names of the links that are ports of the bridge.
[[nodiscard]] std::vector<std::string> ports_of(Netlink &netlink, const std::string &bridge);

} // namespace network
