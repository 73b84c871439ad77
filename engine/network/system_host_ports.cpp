// The part of SystemHost that publishes ports.
#include "base/error.hpp"
#include "engine/network/conntrack.hpp"
#include "engine/network/system_host.hpp"

#include <algorithm>

namespace network {

namespace {

bool everywhere(const PublishedPort &port) {
    return port.host_ip.empty() || port.host_ip == "0.0.0.0";
}

// Two sockets could not be bound to both.
bool collide(const PublishedPort &one, const PublishedPort &other) {
    return one.protocol == other.protocol && one.host_first == other.host_first
           && (one.host_ip == other.host_ip || everywhere(one) || everywhere(other));
}

// What another container's record still claims; it does not hold the port any more.
bool withdraw_collisions(Publication &other, const Publication &publication) {
    const auto removed = std::erase_if(other.ports, [&](const PublishedPort &claimed) {
        return std::any_of(publication.ports.begin(), publication.ports.end(),
                           [&](const PublishedPort &port) { return collide(claimed, port); });
    });
    return removed > 0;
}

std::set<std::uint16_t> udp_ports(const std::vector<PublishedPort> &ports) {
    std::set<std::uint16_t> numbers;
    for (const PublishedPort &port : ports)
        if (port.protocol == "udp")
            numbers.insert(port.host_first);
    return numbers;
}

bool attached(const Network &network, const std::string &container_id,
              const std::function<bool(const std::string &)> &alive) {
    return std::any_of(network.leases.begin(), network.leases.end(), [&](const auto &entry) {
        return entry.second.container_id == container_id && !entry.second.host_link.empty()
               && alive(entry.second.host_link);
    });
}

} // namespace

// Records of containers that are gone (nobody was left to withdraw them) are dropped on the way.
void SystemHost::apply_firewall(const std::vector<Network> &networks, std::vector<Publication> publications) {
    std::erase_if(publications, [&](const Publication &publication) {
        const auto network = std::find_if(networks.begin(), networks.end(), [&](const Network &candidate) {
            return candidate.spec.name == publication.network;
        });
        const bool stale = network == networks.end()
                           || !attached(*network, publication.container_id,
                                        [this](const std::string &link) { return alive(link); });
        if (stale)
            records_.remove_publication(publication.container_id);
        return stale;
    });
    firewall_.apply(networks, publications);
}

void SystemHost::apply_firewall() {
    apply_firewall(records_.networks(), records_.publications());
}

void SystemHost::publish(const Publication &publication) {
    for (const PublishedPort &port : publication.ports)
        if (!port.resolved())
            throw base::Error("port " + host_side_text(port) + " is not reserved");
    const base::FileLock lock = records_.lock();
    if (load(publication.network).spec.internal)
        return;
    std::vector<Publication> all = records_.publications();
    std::erase_if(all,
                  [&](const Publication &other) { return other.container_id == publication.container_id; });
    for (Publication &other : all)
        if (withdraw_collisions(other, publication))
            records_.save(other);
    records_.save(publication);
    all.push_back(publication);
    apply_firewall(records_.networks(), std::move(all));
    forget_udp_flows(udp_ports(publication.ports));
}

void SystemHost::unpublish(const std::string &container_id) {
    const base::FileLock lock = records_.lock();
    const auto publication = records_.find_publication(container_id);
    if (!publication)
        return;
    records_.remove_publication(container_id);
    apply_firewall();
    forget_udp_flows(udp_ports(publication->ports));
}

std::vector<Publication> SystemHost::publications() {
    return records_.publications();
}

} // namespace network
