#include "supervisor/container_network.hpp"

#include "base/error.hpp"
#include "base/log.hpp"
#include "dns/resolver.hpp"
#include "engine/container/create.hpp"
#include "supervisor/published_ports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace supervisor {

namespace {

constexpr std::size_t short_id_size = 12;

PortRecord port_record(const network::PublishedPort &port) {
    return {port.host_ip, port.host_first, port.container_port, port.protocol};
}

EndpointRecord endpoint_record(const network::Endpoint &endpoint, const container::Endpoint &wanted) {
    return {.network = endpoint.network,
            .address = endpoint.address.text(),
            .prefix = endpoint.prefix_length,
            .gateway = endpoint.gateway ? endpoint.gateway->text() : "",
            .mac = endpoint.mac,
            .interface = endpoint.interface,
            .aliases = wanted.aliases};
}

std::optional<network::IpAddress> address_of(const std::string &text) {
    return text.empty() ? std::nullopt : network::IpAddress::parse(text);
}

} // namespace

std::string lease_owner(const container::Spec &spec, int number) {
    return spec.one_off ? spec.project + "/" + spec.id
                        : fmt::format("{}/{}/{}", spec.project, spec.service, number);
}

ContainerNetwork::ContainerNetwork(Runtime &runtime, const container::Spec &spec,
                                   std::filesystem::path directory)
    : runtime_(runtime), spec_(spec), directory_(std::move(directory)) {}

ContainerNetwork::~ContainerNetwork() = default;

std::string ContainerNetwork::lease_owner() const {
    return supervisor::lease_owner(spec_, spec_.number);
}

std::string ContainerNetwork::stored_name(const std::string &what) const {
    return spec_.id + "." + what;
}

std::string ContainerNetwork::host_gateway() const {
    for (const container::Endpoint &endpoint : spec_.endpoints)
        if (const auto found = runtime_.network.find_network(endpoint.network))
            return found->gateway.text();
    return "";
}

void ContainerNetwork::reserve_ports() {
    if (!ports_.empty() || spec_.ports.empty())
        return;
    const container::Endpoint *endpoint = gateway_endpoint(spec_);
    const auto gateway =
        endpoint == nullptr ? std::nullopt : runtime_.network.find_network(endpoint->network);
    ports_ = network::reserve(runtime_.paths, wanted_ports(spec_, gateway ? &gateway->spec : nullptr));
    for (std::size_t i = 0; i < ports_.size(); ++i) {
        std::vector<int> sockets;
        for (const base::UniqueFd &socket : ports_[i].sockets)
            sockets.push_back(socket.get());
        runtime_.keeper.store(stored_name("port" + std::to_string(i)), sockets);
    }
}

void ContainerNetwork::release_ports() {
    for (std::size_t i = 0; i < ports_.size(); ++i)
        runtime_.keeper.drop(stored_name("port" + std::to_string(i)));
    ports_.clear();
}

void ContainerNetwork::attach(const base::UniqueFd &netns, StateRecord &state) {
    state.endpoints.clear();
    state.ports.clear();
    if (!netns)
        return;
    if (spec_.endpoints.empty()) {
        runtime_.network.setup_loopback(netns.get());
        write_hosts_file(state);
        return;
    }
    attach_endpoints(netns.get(), state);
    write_hosts_file(state);
    serve_dns(netns.get());
    publish_names();
    publish_ports(state);
}

void ContainerNetwork::attach_endpoints(int netns, StateRecord &state) {
    const container::Endpoint *gateway = gateway_endpoint(spec_);
    for (const container::Endpoint &wanted : spec_.endpoints) {
        network::EndpointSpec endpoint{.container_id = spec_.id,
                                       .container_name = spec_.name,
                                       .aliases = wanted.aliases,
                                       .lease_owner = lease_owner(),
                                       .ipv4 = address_of(wanted.ipv4_address),
                                       .mac = wanted.mac_address,
                                       .interface = wanted.interface_name,
                                       .link_local_ips = {},
                                       .gateway = &wanted == gateway};
        for (const std::string &text : wanted.link_local_ips)
            if (const auto address = network::IpAddress::parse(text))
                endpoint.link_local_ips.push_back(*address);
        endpoints_.push_back(runtime_.network.attach(netns, wanted.network, endpoint));
        state.endpoints.push_back(endpoint_record(endpoints_.back(), wanted));
    }
}

void ContainerNetwork::write_hosts_file(const StateRecord &state) const {
    std::vector<container::HostsEntry> own;
    for (const EndpointRecord &endpoint : state.endpoints)
        own.push_back({endpoint.address, container::own_names(spec_)});
    container::CreateOptions options;
    options.host_gateway = host_gateway();
    container::write_hosts(directory_, spec_, options, own);
}

dns::View ContainerNetwork::view() const {
    dns::View view;
    bool all_internal = true;
    for (const container::Endpoint &endpoint : spec_.endpoints) {
        view.networks.push_back(endpoint.network);
        const auto found = runtime_.network.find_network(endpoint.network);
        all_internal = all_internal && found && found->spec.internal;
    }
    view.links = spec_.links;
    view.forward = !all_internal;
    for (const std::string &server : spec_.dns)
        if (const auto address = dns::Address::from_text(server))
            view.servers.push_back({*address, 53});
    return view;
}

void ContainerNetwork::serve_dns(int netns) {
    network::BoundSocket udp =
        runtime_.network.open_socket_in(netns, network::SocketType::udp, "127.0.0.11", 0);
    network::BoundSocket tcp =
        runtime_.network.open_socket_in(netns, network::SocketType::tcp, "127.0.0.11", 0);
    runtime_.network.redirect_dns(netns, udp.port, tcp.port);
    const std::array sockets = {udp.fd.get(), tcp.fd.get()};
    runtime_.keeper.store(stored_name("dns"), sockets);
    runtime_.dns.add_listener(spec_.id, view(), std::move(udp.fd), std::move(tcp.fd));
}

void ContainerNetwork::publish_names() {
    runtime_.dns.update([&](dns::Zone &zone) {
        for (std::size_t i = 0; i < endpoints_.size(); ++i) {
            dns::Endpoint endpoint{.network = endpoints_[i].network,
                                   .container = spec_.id,
                                   .container_name = spec_.name,
                                   .names = spec_.endpoints[i].aliases,
                                   .addresses = {}};
            if (const auto address = dns::Address::from_text(endpoints_[i].address.text()))
                endpoint.addresses.push_back(*address);
            zone.publish(endpoint);
        }
    });
}

std::vector<std::string> ContainerNetwork::names_on(const container::Endpoint &endpoint) const {
    std::vector<std::string> names = endpoint.aliases;
    names.push_back(spec_.name);
    names.push_back(spec_.id.substr(0, short_id_size));
    return names;
}

void ContainerNetwork::expect_restart(SteadyTime at) {
    // A question is held for a process that is about to come, and answered at once when that takes longer.
    const bool soon = at - std::chrono::steady_clock::now() <= dns::hold_limit;
    const dns::Standing standing = soon ? dns::Standing::expected : dns::Standing::stopped;
    expected_ = true;
    runtime_.dns.update([&](dns::Zone &zone) {
        for (const container::Endpoint &endpoint : spec_.endpoints)
            for (const std::string &name : names_on(endpoint))
                zone.declare(endpoint.network, name, standing);
    });
}

void ContainerNetwork::forget_expected() {
    if (!std::exchange(expected_, false))
        return;
    runtime_.dns.update([&](dns::Zone &zone) {
        for (const container::Endpoint &endpoint : spec_.endpoints)
            for (const std::string &name : names_on(endpoint))
                if (name == spec_.service)
                    zone.declare(endpoint.network, name, dns::Standing::stopped);
                else
                    zone.forget(endpoint.network, name);
    });
}

void ContainerNetwork::publish_ports(StateRecord &state) {
    if (ports_.empty())
        return;
    // Through the network that has the default route, so that answers go out the way requests came in.
    const auto routed =
        std::find_if(endpoints_.begin(), endpoints_.end(),
                     [](const network::Endpoint &endpoint) { return endpoint.gateway.has_value(); });
    if (routed == endpoints_.end()) {
        base::log::warning("{}: ports are not published, all its networks are internal", spec_.name);
        return;
    }
    network::Publication publication{.container_id = spec_.id,
                                     .container_name = spec_.name,
                                     .project = spec_.project,
                                     .network = routed->network,
                                     .target = routed->address,
                                     .ports = {}};
    for (const network::HeldPort &held : ports_) {
        publication.ports.push_back(held.port);
        state.ports.push_back(port_record(held.port));
    }
    runtime_.network.publish(publication);
    runtime_.proxy.serve(spec_.id, ports_, routed->address);
}

void ContainerNetwork::adopt(const StateRecord &state) {
    const auto take = [&](const std::string &what) {
        std::vector<base::UniqueFd> fds;
        if (const auto found = runtime_.inherited.find(stored_name(what));
            found != runtime_.inherited.end()) {
            fds = std::move(found->second);
            runtime_.inherited.erase(found);
        }
        return fds;
    };
    for (const EndpointRecord &record : state.endpoints) {
        network::Endpoint endpoint{
            .network = record.network,
            .container_id = spec_.id,
            .lease_owner = lease_owner(),
            .address = network::IpAddress::parse(record.address).value_or(network::IpAddress()),
            .prefix_length = record.prefix,
            .gateway = address_of(record.gateway),
            .mac = record.mac,
            .host_link = "",
            .interface = record.interface};
        if (const auto existing = runtime_.network.find_network(record.network))
            if (const auto lease = existing->leases.find(lease_owner()); lease != existing->leases.end())
                endpoint.host_link = lease->second.host_link;
        endpoints_.push_back(std::move(endpoint));
    }
    if (auto sockets = take("dns"); sockets.size() == 2)
        runtime_.dns.add_listener(spec_.id, view(), std::move(sockets[0]), std::move(sockets[1]));
    publish_names();
    for (std::size_t i = 0; i < state.ports.size(); ++i) {
        const PortRecord &port = state.ports[i];
        auto sockets = take("port" + std::to_string(i));
        if (!sockets.empty())
            ports_.push_back(network::adopt(
                {port.host_ip, port.host_port, port.host_port, port.container_port, port.protocol},
                std::move(sockets)));
    }
    const auto routed =
        std::find_if(endpoints_.begin(), endpoints_.end(),
                     [](const network::Endpoint &endpoint) { return endpoint.gateway.has_value(); });
    if (!ports_.empty() && routed != endpoints_.end())
        runtime_.proxy.serve(spec_.id, ports_, routed->address);
}

void ContainerNetwork::detach(bool keep_ports) {
    if (!ports_.empty() && !keep_ports) {
        runtime_.proxy.stop(spec_.id);
        runtime_.network.unpublish(spec_.id);
        release_ports();
    }
    if (!keep_ports)
        forget_expected();
    if (endpoints_.empty())
        return;
    runtime_.dns.update([&](dns::Zone &zone) { zone.withdraw(spec_.id); });
    runtime_.dns.remove_listener(spec_.id);
    runtime_.keeper.drop(stored_name("dns"));
    for (const network::Endpoint &endpoint : endpoints_)
        runtime_.network.detach(endpoint, network::LinkRemoval::with_namespace);
    endpoints_.clear();
}

void ContainerNetwork::release_addresses() {
    for (const container::Endpoint &endpoint : spec_.endpoints)
        runtime_.network.release_lease(endpoint.network, lease_owner());
}

} // namespace supervisor
