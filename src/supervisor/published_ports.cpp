#include "supervisor/published_ports.hpp"

#include <algorithm>

namespace supervisor {

const container::Endpoint *gateway_endpoint(const container::Spec &spec) {
    const auto first = std::max_element(spec.endpoints.begin(), spec.endpoints.end(),
                                        [](const container::Endpoint &a, const container::Endpoint &b) {
                                            return a.gw_priority < b.gw_priority;
                                        });
    return first == spec.endpoints.end() ? nullptr : &*first;
}

std::vector<network::PublishedPort> wanted_ports(const container::Spec &spec,
                                                 const network::NetworkSpec *gateway) {
    const std::string everywhere =
        gateway == nullptr ? std::string() : network::bridge_options(*gateway).host_ip;
    std::vector<network::PublishedPort> wanted;
    for (const container::PublishedPort &port : spec.ports)
        wanted.push_back({port.host_ip.empty() ? everywhere : port.host_ip, port.host_first, port.host_last,
                          port.container_port, port.protocol});
    return wanted;
}

} // namespace supervisor
