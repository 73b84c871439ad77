#include "engine/network/conntrack.hpp"

#include "base/error.hpp"
#include "engine/network/netlink.hpp"

#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

namespace network {

namespace {

constexpr int type_of(int message) {
    return NFNL_SUBSYS_CTNETLINK << 8 | message;
}

constexpr nfgenmsg header{AF_INET, NFNETLINK_V0, 0};

// The original direction's tuple if it is a UDP flow to one of the ports.
bool is_udp_to(const nlattr *tuple, const std::set<std::uint16_t> &ports) {
    const nlattr *protocol =
        ::nla_find(static_cast<nlattr *>(::nla_data(tuple)), ::nla_len(tuple), CTA_TUPLE_PROTO);
    if (protocol == nullptr)
        return false;
    auto *inside = static_cast<nlattr *>(::nla_data(protocol));
    const nlattr *number = ::nla_find(inside, ::nla_len(protocol), CTA_PROTO_NUM);
    const nlattr *port = ::nla_find(inside, ::nla_len(protocol), CTA_PROTO_DST_PORT);
    return number != nullptr && port != nullptr && ::nla_get_u8(number) == IPPROTO_UDP
           && ports.contains(ntohs(::nla_get_u16(port)));
}

} // namespace

void forget_udp_flows(const std::set<std::uint16_t> &ports) {
    if (ports.empty())
        return;
    Netlink netlink(NETLINK_NETFILTER);
    std::vector<std::vector<char>> tuples;
    Message list(type_of(IPCTNL_MSG_CT_GET), 0, header);
    netlink.dump(
        list,
        [&](nlmsghdr *flow) {
            const nlattr *tuple = ::nlmsg_find_attr(flow, sizeof(nfgenmsg), CTA_TUPLE_ORIG);
            if (tuple == nullptr || !is_udp_to(tuple, ports))
                return;
            const auto *bytes = static_cast<const char *>(::nla_data(tuple));
            tuples.emplace_back(bytes, bytes + ::nla_len(tuple));
        },
        "list tracked connections");
    for (const auto &tuple : tuples) {
        Message forget(type_of(IPCTNL_MSG_CT_DELETE), 0, header);
        forget.raw(CTA_TUPLE_ORIG | NLA_F_NESTED, tuple.data(), tuple.size());
        // It may have expired meanwhile.
        const int error = netlink.try_request(forget);
        if (error != 0 && error != ENOENT)
            throw base::SystemError("forget tracked connection", error, "");
    }
}

} // namespace network
