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

// The gateway of a subnet when none is asked for: its first address.
[[nodiscard]] IpAddress default_gateway(const Prefix &subnet);

} // namespace network
