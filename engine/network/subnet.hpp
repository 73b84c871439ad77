// Which subnet a network gets, given what the host and the other networks use already. Pure.
#pragma once

#include "engine/network/links.hpp"
#include "engine/network/pool.hpp"
#include "engine/network/spec.hpp"

#include <string>
#include <vector>

namespace network {

struct AddressSpace {
    std::vector<Pool> pools;
    std::vector<Network> networks;
    std::vector<HostRoute> routes;
};

// The subnet the network keeps, is given by its spec, or gets from the pools. A subnet of the spec may lie
// within a route of the host (the more specific one wins), but not overlap another network's or that of one
// of the host's addresses.
// @throws base::Error naming what is in the way, or what fills the pools.
[[nodiscard]] Prefix choose_subnet(const Network &network, bool has_subnet, const AddressSpace &space);

} // namespace network
