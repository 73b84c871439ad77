// Connections the kernel remembers. A datagram flow that was seen before a port was published, or is led to
// a container that lost it, goes on as it began for as long as datagrams keep coming; so it is forgotten
// when the port changes hands. (TCP needs nothing: its connections end.)
#pragma once

#include <cstdint>
#include <set>

namespace network {

// Deletes the IPv4 UDP entries that were sent to one of the ports. Works in the calling thread's namespace.
// @throws base::SystemError.
void forget_udp_flows(const std::set<std::uint16_t> &ports);

} // namespace network
