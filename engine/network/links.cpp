#include "engine/network/links.hpp"

#include "base/error.hpp"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sys/socket.h>

namespace network {

namespace {

ifinfomsg link_header(unsigned index, bool up) {
    ifinfomsg header{};
    header.ifi_family = AF_UNSPEC;
    header.ifi_index = static_cast<int>(index);
    header.ifi_flags = up ? IFF_UP : 0;
    header.ifi_change = up ? IFF_UP : 0;
    return header;
}

int family_of(const IpAddress &address) {
    return address.is_v4() ? AF_INET : AF_INET6;
}

// Without an address of its own a link needs no IPv6 link-local one, nor the traffic that comes with it.
void put_no_ipv6(Message &message) {
    message.nest(AF_INET6, [&] {
        message.put(IFLA_INET6_ADDR_GEN_MODE, static_cast<std::uint8_t>(IN6_ADDR_GEN_MODE_NONE));
    });
}

void create_bridge(Netlink &netlink, const Network &network) {
    Message message(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link_header(0, false));
    message.put(IFLA_IFNAME, network.bridge);
    // A MAC address that is set stays; otherwise it follows the ports that come and go.
    message.put_mac(IFLA_ADDRESS, "02:42:" + network.id.substr(0, 2) + ":" + network.id.substr(2, 2) + ":"
                                      + network.id.substr(4, 2) + ":" + network.id.substr(6, 2));
    if (const int mtu = bridge_options(network.spec).mtu; mtu != 0)
        message.put(IFLA_MTU, static_cast<std::uint32_t>(mtu));
    message.nest(IFLA_LINKINFO, [&] { message.put(IFLA_INFO_KIND, std::string("bridge")); });
    netlink.request(message, "create bridge", network.bridge);
}

void configure_bridge(Netlink &netlink, const Network &network) {
    Message message(RTM_NEWLINK, 0, link_header(0, true));
    message.put(IFLA_IFNAME, network.bridge);
    // Fails when the link is not a bridge.
    message.nest(IFLA_LINKINFO, [&] {
        message.put(IFLA_INFO_KIND, std::string("bridge"));
        message.nest(IFLA_INFO_DATA, [&] { message.put(IFLA_BR_STP_STATE, std::uint32_t{0}); });
    });
    message.nest(IFLA_AF_SPEC, [&] {
        message.nest(AF_INET, [&] {
            message.nest(IFLA_INET_CONF, [&] { message.put(IPV4_DEVCONF_ROUTE_LOCALNET, std::uint32_t{1}); });
        });
        put_no_ipv6(message);
    });
    netlink.request(message, "set up bridge", network.bridge);
}

void add_address(Netlink &netlink, unsigned index, const IpAddress &address, int prefix_length,
                 const std::string &subject) {
    ifaddrmsg header{};
    header.ifa_family = static_cast<unsigned char>(family_of(address));
    header.ifa_prefixlen = static_cast<unsigned char>(prefix_length);
    header.ifa_index = index;
    Message message(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, header);
    message.put(IFA_LOCAL, address);
    message.put(IFA_ADDRESS, address);
    if (address.is_v4())
        message.put(IFA_BROADCAST, Prefix::of(address, prefix_length).last());
    message.put(IFA_FLAGS, std::uint32_t{IFA_F_NODAD});
    netlink.request(message, "add address " + address.text() + " to", subject);
}

void set_default_route(Netlink &inside, unsigned index, const IpAddress &gateway) {
    rtmsg header{};
    header.rtm_family = static_cast<unsigned char>(family_of(gateway));
    header.rtm_table = RT_TABLE_MAIN;
    header.rtm_protocol = RTPROT_BOOT;
    header.rtm_scope = RT_SCOPE_UNIVERSE;
    header.rtm_type = RTN_UNICAST;
    Message message(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, header);
    message.put(RTA_GATEWAY, gateway);
    message.put(RTA_OIF, std::uint32_t{index});
    inside.request(message, "set default route through", gateway.text());
}

HostRoute read_route(nlmsghdr *header) {
    const auto *route = static_cast<const rtmsg *>(::nlmsg_data(header));
    HostRoute found;
    if (const nlattr *destination = ::nlmsg_find_attr(header, sizeof *route, RTA_DST))
        found.destination = Prefix::of(IpAddress::from_bytes(IpAddress::Family::v4, ::nla_data(destination)),
                                       route->rtm_dst_len);
    if (const nlattr *link = ::nlmsg_find_attr(header, sizeof *route, RTA_OIF))
        found.link = ::nla_get_u32(link);
    found.connected = route->rtm_scope == RT_SCOPE_LINK && route->rtm_type == RTN_UNICAST;
    return found;
}

} // namespace

std::vector<HostRoute> host_routes(Netlink &netlink) {
    rtmsg header{};
    header.rtm_family = AF_INET;
    Message message(RTM_GETROUTE, 0, header);
    std::vector<HostRoute> routes;
    netlink.dump(
        message,
        [&](nlmsghdr *part) {
            const HostRoute route = read_route(part);
            if (route.destination.length > 0)
                routes.push_back(route);
        },
        "read the host's routes");
    return routes;
}

void ensure_bridge(Netlink &netlink, const Network &network) {
    if (netlink.link_index(network.bridge) == 0)
        create_bridge(netlink, network);
    configure_bridge(netlink, network);
    add_address(netlink, netlink.link_index(network.bridge), network.gateway, network.subnet.length,
                network.bridge);
}

void create_veth(Netlink &netlink, const std::string &bridge, int netns, const VethPlan &plan) {
    const unsigned master = netlink.link_index(bridge);
    if (master == 0)
        throw base::Error("bridge " + bridge + " does not exist any more",
                          "run `compose up` to make it again");
    const auto put_mtu = [&](Message &message) {
        if (plan.mtu != 0)
            message.put(IFLA_MTU, static_cast<std::uint32_t>(plan.mtu));
    };
    Message create(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, link_header(0, true));
    create.put(IFLA_IFNAME, plan.host_link);
    create.put(IFLA_MASTER, std::uint32_t{master});
    put_mtu(create);
    create.nest(IFLA_LINKINFO, [&] {
        create.put(IFLA_INFO_KIND, std::string("veth"));
        create.nest(IFLA_INFO_DATA, [&] {
            create.nest(VETH_INFO_PEER, [&] {
                create.append(link_header(0, false));
                create.put(IFLA_IFNAME, plan.interface);
                create.put(IFLA_NET_NS_FD, static_cast<std::uint32_t>(netns));
                create.put_mac(IFLA_ADDRESS, plan.mac);
                put_mtu(create);
            });
        });
    });
    netlink.request(create, "create link for interface", plan.interface);

    // Hairpin: with br_netfilter a container's way to its own published port turns back at its own port.
    Message configure(RTM_NEWLINK, 0, link_header(0, false));
    configure.put(IFLA_IFNAME, plan.host_link);
    configure.nest(IFLA_LINKINFO, [&] {
        configure.put(IFLA_INFO_SLAVE_KIND, std::string("bridge"));
        configure.nest(IFLA_INFO_SLAVE_DATA, [&] {
            configure.put(IFLA_BRPORT_MODE, std::uint8_t{1});
            configure.put(IFLA_BRPORT_ISOLATED, static_cast<std::uint8_t>(plan.isolated));
        });
    });
    configure.nest(IFLA_AF_SPEC, [&] { put_no_ipv6(configure); });
    netlink.request(configure, "set up link", plan.host_link);
}

void set_loopback_up(Netlink &inside) {
    Message message(RTM_NEWLINK, 0, link_header(0, true));
    message.put(IFLA_IFNAME, std::string("lo"));
    inside.request(message, "set up interface", "lo");
}

void configure_interface(Netlink &inside, const Endpoint &endpoint,
                         const std::vector<IpAddress> &link_local) {
    Message up(RTM_NEWLINK, 0, link_header(0, true));
    up.put(IFLA_IFNAME, endpoint.interface);
    up.nest(IFLA_AF_SPEC, [&] { put_no_ipv6(up); });
    inside.request(up, "set up interface", endpoint.interface);

    const unsigned index = inside.link_index(endpoint.interface);
    add_address(inside, index, endpoint.address, endpoint.prefix_length, endpoint.interface);
    for (const IpAddress &address : link_local)
        add_address(inside, index, address, address.is_v4() ? 16 : 64, endpoint.interface);
    if (endpoint.gateway)
        set_default_route(inside, index, *endpoint.gateway);
}

void settle_link(Netlink &netlink, const std::string &name) {
    Message message(RTM_GETLINK, 0, link_header(0, false));
    message.put(IFLA_IFNAME, name);
    netlink.request(message, "look at link", name);
}

void silence_port(Netlink &netlink, const std::string &link) {
    const unsigned index = netlink.link_index(link);
    if (index == 0)
        return;
    ifinfomsg header = link_header(index, false);
    header.ifi_family = AF_BRIDGE;
    Message message(RTM_SETLINK, 0, header);
    message.nest(IFLA_PROTINFO | NLA_F_NESTED, [&] {
        message.put(IFLA_BRPORT_STATE, static_cast<std::uint8_t>(BR_STATE_DISABLED));
        message.raw(IFLA_BRPORT_FLUSH, nullptr, 0);
    });
    // The link goes away on its own at any moment, and may have left the bridge already.
    const int error = netlink.try_request(message);
    if (error != 0 && error != ENODEV && error != EOPNOTSUPP && error != EINVAL && error != ENETDOWN)
        throw base::SystemError("take out of its bridge link", error, link);
}

std::vector<std::string> ports_of(Netlink &netlink, const std::string &bridge) {
    std::vector<std::string> names;
    const unsigned master = netlink.link_index(bridge);
    if (master == 0)
        return names;
    Message message(RTM_GETLINK, 0, link_header(0, false));
    message.put(IFLA_MASTER, std::uint32_t{master});
    netlink.dump(
        message,
        [&](nlmsghdr *part) {
            const nlattr *name = ::nlmsg_find_attr(part, sizeof(ifinfomsg), IFLA_IFNAME);
            const nlattr *owner = ::nlmsg_find_attr(part, sizeof(ifinfomsg), IFLA_MASTER);
            if (name != nullptr && owner != nullptr && ::nla_get_u32(owner) == master)
                names.emplace_back(::nla_get_string(name));
        },
        "list the host's links");
    return names;
}

} // namespace network
