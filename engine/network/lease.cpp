#include "engine/network/lease.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace network {

namespace {

bool attached(const Lease &lease, const LinkAlive &alive) {
    return !lease.host_link.empty() && alive(lease.host_link);
}

// Addresses of the subnet that no container may have.
std::set<IpAddress> reserved_addresses(const Network &network) {
    std::set<IpAddress> reserved{network.subnet.base, network.subnet.last(), network.gateway};
    for (const auto &[name, address] : network.spec.aux_addresses)
        reserved.insert(address);
    return reserved;
}

IpAddress take_wanted(Network &network, const EndpointSpec &spec, const LinkAlive &alive) {
    const IpAddress &wanted = *spec.ipv4;
    const std::string what = fmt::format("address {} on network {}", wanted.text(), network.spec.name);
    if (!network.spec.subnet)
        throw base::Error(fmt::format("{}: an address can only be chosen on a network with a subnet", what),
                          fmt::format("give network {} a `subnet` in its ipam config", network.spec.name));
    if (!network.subnet.contains(wanted))
        throw base::Error(fmt::format("{}: not in its subnet {}", what, network.subnet.text()),
                          "choose an address of the subnet");
    if (reserved_addresses(network).contains(wanted))
        throw base::Error(fmt::format("{}: it is the network's own", what),
                          "choose one that is not the gateway, the first, the last or an auxiliary address");
    const auto holder = std::find_if(network.leases.begin(), network.leases.end(), [&](const auto &entry) {
        return entry.first != spec.lease_owner && entry.second.address == wanted;
    });
    if (holder == network.leases.end())
        return wanted;
    if (attached(holder->second, alive))
        throw base::Error(fmt::format("{}: in use by {}", what, holder->first),
                          "choose another address, or stop that container first");
    network.leases.erase(holder);
    return wanted;
}

std::optional<IpAddress> lowest_free(const Network &network) {
    std::set<IpAddress> used = reserved_addresses(network);
    for (const auto &[owner, lease] : network.leases)
        used.insert(lease.address);
    const Prefix range = network.spec.ip_range.value_or(network.subnet);
    for (IpAddress address = range.base;; address = address.plus(1)) {
        if (!used.contains(address))
            return address;
        if (address == range.last())
            return std::nullopt;
    }
}

std::optional<IpAddress> reclaim(Network &network, const LinkAlive &alive) {
    const Prefix range = network.spec.ip_range.value_or(network.subnet);
    const auto idle = std::find_if(network.leases.begin(), network.leases.end(), [&](const auto &entry) {
        return range.contains(entry.second.address) && !attached(entry.second, alive);
    });
    if (idle == network.leases.end())
        return std::nullopt;
    const IpAddress address = idle->second.address;
    network.leases.erase(idle);
    return address;
}

IpAddress take_any(Network &network, const EndpointSpec &spec, const LinkAlive &alive) {
    if (const auto kept = network.leases.find(spec.lease_owner);
        kept != network.leases.end() && network.subnet.contains(kept->second.address))
        return kept->second.address;
    auto address = lowest_free(network);
    if (!address)
        address = reclaim(network, alive);
    if (!address)
        throw base::Error(fmt::format("network {}: no free address is left in {}", network.spec.name,
                                      network.spec.ip_range.value_or(network.subnet).text()),
                          "use a larger subnet or ip_range, or fewer containers");
    return *address;
}

// As Docker does: whoever gets the address gets the same MAC, so that neighbour caches stay right.
std::string mac_of(const IpAddress &address) {
    const auto *bytes = address.data();
    return mac_text({0x02, 0x42, bytes[0], bytes[1], bytes[2], bytes[3]});
}

} // namespace

Lease &take_lease(Network &network, const EndpointSpec &spec, const LinkAlive &alive) {
    if (!spec.mac.empty() && !parse_mac(spec.mac))
        throw base::Error(fmt::format("mac_address {} is not a unicast MAC address", spec.mac),
                          "write it as 02:42:ac:11:00:02");
    const IpAddress address = spec.ipv4 ? take_wanted(network, spec, alive) : take_any(network, spec, alive);
    Lease &lease = network.leases[spec.lease_owner];
    lease.address = address;
    lease.mac = spec.mac.empty() ? mac_of(address) : spec.mac;
    lease.container_id = spec.container_id;
    lease.container_name = spec.container_name;
    lease.aliases = spec.aliases;
    return lease;
}

bool keep_address(Network &network, const std::string &owner, const IpAddress &wanted,
                  const LinkAlive &alive) {
    if (const auto own = network.leases.find(owner); own != network.leases.end())
        if (own->second.address == wanted || attached(own->second, alive))
            return false;
    if (!network.spec.subnet || !network.subnet.contains(wanted)
        || reserved_addresses(network).contains(wanted))
        return false;
    const auto holder = std::find_if(network.leases.begin(), network.leases.end(),
                                     [&](const auto &entry) { return entry.second.address == wanted; });
    if (holder != network.leases.end()) {
        if (attached(holder->second, alive))
            return false;
        network.leases.erase(holder);
    }
    Lease &lease = network.leases[owner];
    lease.address = wanted;
    lease.mac = mac_of(wanted);
    return true;
}

IpAddress default_gateway(const Prefix &subnet) {
    return subnet.base.plus(1);
}

} // namespace network
