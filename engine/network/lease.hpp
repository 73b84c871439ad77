// Which address an endpoint gets. Pure: changes the network's record only.
#pragma once

#include "engine/network/spec.hpp"

#include <functional>
#include <string>

namespace network {

// Whether the link named by a lease still exists.
using LinkAlive = std::function<bool(const std::string &link)>;

// Sets the owner's lease and returns it: the address asked for, else the one the owner had, else the lowest
// free one, else one that is only remembered for somebody who is not attached.
// @throws base::Error when the address asked for can't be had, naming who has it, or none is left.
Lease &take_lease(Network &network, const EndpointSpec &spec, const LinkAlive &alive);

// Remembers an address for an owner who asks for it by number but is not attached yet, so that nobody gets it
// by chance meanwhile. Leaves everything as it is when take_lease() would refuse the address, or when the
// owner is attached. Whether the network changed.
bool keep_address(Network &network, const std::string &owner, const IpAddress &wanted,
                  const LinkAlive &alive);

// The gateway of a subnet when none is asked for: its first address.
[[nodiscard]] IpAddress default_gateway(const Prefix &subnet);

} // namespace network
