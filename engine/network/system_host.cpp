#include "engine/network/system_host.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "engine/network/lease.hpp"
#include "engine/network/links.hpp"
#include "engine/network/subnet.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace network {

namespace {

Network new_network(const NetworkSpec &spec) {
    Network network;
    network.spec = spec;
    network.id = base::random_hex(64);
    network.bridge = bridge_options(spec).bridge_name;
    if (network.bridge.empty())
        network.bridge = "cmp-" + network.id.substr(0, 10);
    network.created = base::now();
    return network;
}

std::vector<Pool> configured_pools() {
    const char *text = std::getenv("COMPOSE_ADDRESS_POOLS");
    return text == nullptr || *text == '\0' ? default_pools() : parse_pools(text);
}

// Stores beside the system's (tests, several of them) must not replace each other's table.
std::string table_name(const base::Paths &paths) {
    if (paths.state() == "/var/lib/compose")
        return "compose";
    return "compose_" + base::sha256_hex(paths.state().string()).substr(0, 8);
}

} // namespace

SystemHost::SystemHost(const base::Paths &paths) : records_(paths), firewall_(table_name(paths)) {}

std::unique_ptr<Host> make_system_host(const base::Paths &paths) {
    return std::make_unique<SystemHost>(paths);
}

Network SystemHost::load(const std::string &name) const {
    auto network = records_.find_network(name);
    if (!network)
        throw base::Error(fmt::format("network {} does not exist", name), "run `compose up` to make it");
    return std::move(*network);
}

void SystemHost::assign_subnet(Network &network, bool exists) {
    const AddressSpace space{configured_pools(), records_.networks(), host_routes(netlink_)};
    const Prefix subnet = choose_subnet(network, exists, space);
    if (exists && subnet == network.subnet)
        return;
    network.subnet = subnet;
    network.gateway = network.spec.gateway.value_or(default_gateway(subnet));
    network.leases.clear();
}

Network SystemHost::ensure_network(const NetworkSpec &spec) {
    validate(spec);
    const base::FileLock lock = records_.lock();
    const auto existing = records_.find_network(spec.name);
    if (existing)
        if (const auto changed = differences(existing->spec, spec); !changed.empty())
            throw base::Error(
                fmt::format("network {} exists with another {}", spec.name, fmt::join(changed, ", ")),
                "remove it first with `compose down`, or give the new one another name");
    Network network = existing ? *existing : new_network(spec);
    const bool bridge_exists = alive(network.bridge);
    if (!existing && bridge_exists)
        throw base::Error(
            fmt::format("network {}: a link named {} exists already", spec.name, network.bridge),
            "choose another com.docker.network.bridge.name, or delete that link");
    if (!bridge_exists)
        assign_subnet(network, existing.has_value());
    // Recorded first: whatever happens next, the record knows what may have to be removed.
    if (network != existing)
        records_.save(network);
    try {
        ensure_bridge(netlink_, network);
        enable_forwarding();
        apply_firewall();
    } catch (...) {
        if (!existing) {
            deletion_.remove(netlink_, {network.bridge});
            records_.remove_network(spec.name);
        }
        throw;
    }
    return network;
}

bool SystemHost::in_use(const Network &network) {
    for (const auto &[owner, lease] : network.leases)
        if (!lease.host_link.empty() && alive(lease.host_link))
            return true;
    return false;
}

std::map<std::string, Lease> SystemHost::attached_of_others(const std::string &name,
                                                            const std::string &project) {
    std::map<std::string, Lease> others;
    if (const auto network = records_.find_network(name))
        for (const auto &[owner, lease] : network->leases)
            if (!owner.starts_with(project + "/") && !lease.host_link.empty() && alive(lease.host_link))
                others[owner] = lease;
    return others;
}

void SystemHost::refuse_in_use(const Network &network) {
    std::string users;
    for (const auto &[owner, lease] : network.leases)
        if (!lease.host_link.empty() && alive(lease.host_link))
            users += (users.empty() ? "" : ", ") + owner;
    if (!users.empty())
        throw base::Error(fmt::format("network {} is in use by {}", network.spec.name, users),
                          "stop these containers first");
}

void SystemHost::remove_networks(const std::vector<std::string> &names) {
    const base::FileLock lock = records_.lock();
    std::vector<std::string> links;
    for (const std::string &name : names) {
        const auto network = records_.find_network(name);
        if (!network)
            continue;
        refuse_in_use(*network);
        // Ends of containers that are just ending.
        for (const std::string &port : ports_of(netlink_, network->bridge))
            links.push_back(port);
        links.push_back(network->bridge);
    }
    std::vector<Network> left = records_.networks();
    std::erase_if(left, [&](const Network &network) {
        return std::find(names.begin(), names.end(), network.spec.name) != names.end();
    });
    deletion_.remove(netlink_, links, [&] { apply_firewall(left, records_.publications()); });
    // Last, so that whoever is killed before leaves what the next removal finds.
    for (const std::string &name : names)
        records_.remove_network(name);
}

std::vector<Network> SystemHost::networks() {
    return records_.networks();
}

std::optional<Network> SystemHost::find_network(const std::string &name) {
    return records_.find_network(name);
}

} // namespace network
