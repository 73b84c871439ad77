// From what a specification says of ports to what the network holds. Pure.
#pragma once

#include "engine/container/spec.hpp"
#include "engine/network/spec.hpp"

#include <string>
#include <vector>

namespace supervisor {

// The endpoint whose network has the default route, and through which ports are published. Null without
// endpoints.
[[nodiscard]] const container::Endpoint *gateway_endpoint(const container::Spec &spec);

// gateway: the network of gateway_endpoint(), null when unknown: the addresses of ports that name none come
// from its options. @throws base::Error for an option that is not understood.
[[nodiscard]] std::vector<network::PublishedPort> wanted_ports(const container::Spec &spec,
                                                               const network::NetworkSpec *gateway);

} // namespace supervisor
