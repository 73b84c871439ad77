#include "supervisor/shared_names.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

namespace supervisor {

void SharedNames::refresh(dns::Zone &zone, const dns::View &view) {
    for (const std::string &network : view.networks) {
        Known &known = known_[network];
        try {
            const auto stamp = network::FileStamp::of(paths_.network(network));
            if (stamp && stamp == known.stamp)
                continue;
            // A record that is damaged is complained about once.
            known.stamp = stamp && stamp->settled() ? stamp : std::nullopt;
            Leases now = host_.attached_of_others(network, project_);
            tell(zone, network, known.leases, now);
            known.leases = std::move(now);
        } catch (const base::Error &error) {
            base::log::warning("names of other projects on {}: {}", network, error.what());
        }
    }
}

void SharedNames::tell(dns::Zone &zone, const std::string &network, const Leases &before, const Leases &now) {
    for (const auto &[owner, lease] : before)
        if (const auto still = now.find(owner); still == now.end() || still->second != lease)
            zone.withdraw(lease.container_id, network);
    for (const auto &[owner, lease] : now) {
        if (const auto was = before.find(owner); was != before.end() && was->second == lease)
            continue;
        dns::Endpoint endpoint{.network = network,
                               .container = lease.container_id,
                               .container_name = lease.container_name,
                               .names = lease.aliases,
                               .addresses = {}};
        if (const auto address = dns::Address::from_text(lease.address.text()))
            endpoint.addresses.push_back(*address);
        zone.publish(endpoint);
    }
}

} // namespace supervisor
