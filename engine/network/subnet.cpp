#include "engine/network/subnet.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace network {

namespace {

std::string described(const Network &network) {
    return network.spec.project.empty()
               ? fmt::format("network {}", network.spec.name)
               : fmt::format("network {} of project {}", network.spec.name, network.spec.project);
}

void check_requested(const Network &network, const AddressSpace &space) {
    const Prefix &wanted = *network.spec.subnet;
    for (const Network &other : space.networks)
        if (other.spec.name != network.spec.name && other.subnet.overlaps(wanted))
            throw base::Error(fmt::format("network {}: subnet {} overlaps {} of {}", network.spec.name,
                                          wanted.text(), other.subnet.text(), described(other)),
                              "choose another subnet, or remove that network with `compose down`");
    for (const HostRoute &route : space.routes)
        if (route.connected && route.destination.overlaps(wanted))
            throw base::Error(fmt::format("network {}: subnet {} overlaps {}, which a link of the host is in",
                                          network.spec.name, wanted.text(), route.destination.text()),
                              "choose another subnet; `ip route` shows what is in use");
}

std::vector<Prefix> taken_prefixes(const Network &network, const AddressSpace &space) {
    std::vector<Prefix> taken;
    for (const HostRoute &route : space.routes)
        taken.push_back(route.destination);
    for (const Network &other : space.networks)
        if (other.spec.name != network.spec.name)
            taken.push_back(other.subnet);
    return taken;
}

[[noreturn]] void refuse_exhausted(const Network &network, const AddressSpace &space) {
    constexpr std::size_t shown = 10;
    std::string pools, holders;
    std::size_t count = 0;
    for (const Pool &pool : space.pools)
        pools += (pools.empty() ? "" : ", ") + pool.text();
    for (const Network &other : space.networks)
        for (const Pool &pool : space.pools)
            if (pool.prefix.overlaps(other.subnet) && count++ < shown)
                holders += (holders.empty() ? "" : ", ") + described(other);
    if (count > shown)
        holders += fmt::format(" and {} more", count - shown);
    if (holders.empty())
        holders = "routes of the host";
    throw base::Error(
        fmt::format("network {}: no subnet is free in the address pools {}; in use by {}", network.spec.name,
                    pools, holders),
        "remove projects you don't need with `compose down`, or set COMPOSE_ADDRESS_POOLS to larger pools");
}

} // namespace

Prefix choose_subnet(const Network &network, bool has_subnet, const AddressSpace &space) {
    if (network.spec.subnet) {
        check_requested(network, space);
        return *network.spec.subnet;
    }
    const std::vector<Prefix> taken = taken_prefixes(network, space);
    if (has_subnet && first_free_subnet({Pool{network.subnet, network.subnet.length}}, taken))
        return network.subnet;
    if (const auto free = first_free_subnet(space.pools, taken))
        return *free;
    refuse_exhausted(network, space);
}

} // namespace network
