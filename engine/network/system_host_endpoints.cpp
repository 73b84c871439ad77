// The part of SystemHost that works on container namespaces.
#include "base/digest.hpp"
#include "base/error.hpp"
#include "engine/network/lease.hpp"
#include "engine/network/links.hpp"
#include "engine/network/namespace.hpp"
#include "engine/network/nftables.hpp"
#include "engine/network/ruleset.hpp"
#include "engine/network/socket_address.hpp"
#include "engine/network/system_host.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

namespace network {

namespace {

std::string first_free_interface(const Netlink &inside) {
    for (int number = 0;; ++number) {
        std::string name = fmt::format("eth{}", number);
        if (inside.link_index(name) == 0)
            return name;
    }
}

// A netlink socket of the namespace.
Netlink open_netlink_in(int netns) {
    std::optional<Netlink> inside;
    in_namespace(netns, [&] { inside.emplace(); });
    return std::move(*inside);
}

BoundSocket bind_here(SocketType type, const IpAddress &address, std::uint16_t port) {
    const std::string subject = fmt::format("{} port {}", address.text(), port);
    const int kind = (type == SocketType::udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    BoundSocket socket{base::UniqueFd(::socket(AF_INET, kind, 0)), 0};
    base::check(socket.fd.get(), "open socket for", subject);
    const SocketAddress name(address, port);
    base::check(::bind(socket.fd.get(), name.get(), name.size()), "bind", subject);
    if (type == SocketType::tcp)
        base::check(::listen(socket.fd.get(), SOMAXCONN), "listen on", subject);
    socket.port = SocketAddress::of(socket.fd.get()).port();
    return socket;
}

} // namespace

// Records the endpoint; nothing of it exists in the kernel yet.
Endpoint SystemHost::reserve_endpoint(const std::string &name, const EndpointSpec &spec) {
    const base::FileLock lock = records_.lock();
    Network network = load(name);
    if (const auto before = network.leases.find(spec.lease_owner); before != network.leases.end())
        silence_port(netlink_, before->second.host_link);
    Lease &lease = take_lease(network, spec, [this](const std::string &link) { return alive(link); });
    lease.host_link = "vc" + base::random_hex(12);

    Endpoint endpoint;
    endpoint.network = name;
    endpoint.container_id = spec.container_id;
    endpoint.lease_owner = spec.lease_owner;
    endpoint.address = lease.address;
    endpoint.prefix_length = network.subnet.length;
    if (spec.gateway && !network.spec.internal)
        endpoint.gateway = network.gateway;
    endpoint.mac = lease.mac;
    endpoint.host_link = lease.host_link;
    endpoint.interface = spec.interface;
    records_.save(network);
    return endpoint;
}

Endpoint SystemHost::attach(int netns, const std::string &name, const EndpointSpec &spec) {
    Network network = load(name);
    // A reboot took it away, or somebody by hand.
    if (!alive(network.bridge))
        network = ensure_network(network.spec);
    const BridgeOptions options = bridge_options(network.spec);
    Netlink inside = open_netlink_in(netns);
    Endpoint endpoint = reserve_endpoint(name, spec);
    try {
        if (endpoint.interface.empty())
            endpoint.interface = first_free_interface(inside);
        create_veth(netlink_, network.bridge, netns,
                    {endpoint.host_link, endpoint.interface, endpoint.mac, options.mtu, !options.icc});
        set_loopback_up(inside);
        configure_interface(inside, endpoint, spec.link_local_ips);
        settle_link(netlink_, endpoint.host_link);
        settle_link(netlink_, network.bridge);
    } catch (...) {
        detach(endpoint, LinkRemoval::now);
        throw;
    }
    return endpoint;
}

void SystemHost::keep_address(const std::string &name, const std::string &lease_owner,
                              const IpAddress &address) {
    const base::FileLock lock = records_.lock();
    auto network = records_.find_network(name);
    if (network && network::keep_address(*network, lease_owner, address, [this](const std::string &link) {
            return alive(link);
        }))
        records_.save(*network);
}

void SystemHost::forget_endpoint(const Endpoint &endpoint) {
    const base::FileLock lock = records_.lock();
    auto network = records_.find_network(endpoint.network);
    if (!network)
        return;
    const auto lease = network->leases.find(endpoint.lease_owner);
    // A newer attachment of the owner is left alone.
    if (lease == network->leases.end() || lease->second.host_link != endpoint.host_link)
        return;
    lease->second = Lease{lease->second.address, lease->second.mac, "", ""};
    records_.save(*network);
}

void SystemHost::detach(const Endpoint &endpoint, LinkRemoval removal) {
    if (removal == LinkRemoval::now)
        deletion_.remove(netlink_, {endpoint.host_link});
    else
        silence_port(netlink_, endpoint.host_link);
    forget_endpoint(endpoint);
}

void SystemHost::release_lease(const std::string &name, const std::string &lease_owner) {
    const base::FileLock lock = records_.lock();
    auto network = records_.find_network(name);
    if (network && network->leases.erase(lease_owner) > 0)
        records_.save(*network);
}

void SystemHost::setup_loopback(int netns) {
    Netlink inside = open_netlink_in(netns);
    set_loopback_up(inside);
}

BoundSocket SystemHost::open_socket_in(int netns, SocketType type, const std::string &address,
                                       std::uint16_t port) {
    const auto parsed = IpAddress::parse(address);
    if (!parsed || !parsed->is_v4())
        throw base::Error(address + " is not an IPv4 address");
    BoundSocket socket;
    in_namespace(netns, [&] { socket = bind_here(type, *parsed, port); });
    return socket;
}

void SystemHost::redirect_dns(int netns, std::uint16_t udp_port, std::uint16_t tcp_port) {
    in_namespace(netns, [&] {
        with_nftables(
            [&](Nftables &nftables) { nftables.run(dns_ruleset(udp_port, tcp_port), "redirect DNS"); });
    });
}

} // namespace network
