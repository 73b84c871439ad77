// The host's network: bridges, endpoints in container namespaces, published ports, the DNS redirection. The
// one interface through which it is changed.
//
// State is on disk (STATE/networks, RUN/ports) and in the kernel; an object holds neither, so any number of
// processes may use one each, and what two projects share is guarded by a file lock. Every call blocks: most
// for 1-2 ms, removing a network for the 20-60 ms the kernel takes. One thread per object.
// Failures are base::Error or base::SystemError; a failed call leaves nothing half-made behind.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "engine/network/spec.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace network {

enum class SocketType { udp, tcp };

struct BoundSocket {
    base::UniqueFd fd; // non-blocking; a TCP socket listens
    std::uint16_t port = 0;
};

// What happens to the link of a container that leaves a network.
enum class LinkRemoval {
    with_namespace, // its namespace is ending and takes the link along: costs nothing
    now,            // the container goes on without it: 20 ms
};

class Host {
  public:
    Host() = default;
    Host(const Host &) = delete;
    Host &operator=(const Host &) = delete;
    virtual ~Host() = default;

    // Makes the network, or repairs what a reboot or somebody else took away from it; idempotent. A network
    // that exists with another spec is an error naming the differences(): remove it first.
    virtual Network ensure_network(const NetworkSpec &spec) = 0;

    // Removes the networks, their bridges and their firewall rules together. Missing ones are fine. Refuses
    // all of them when a container is still attached to one; an endpoint whose link is gone is not.
    virtual void remove_networks(const std::vector<std::string> &names) = 0;

    // By name, sorted.
    [[nodiscard]] virtual std::vector<Network> networks() = 0;
    [[nodiscard]] virtual std::optional<Network> find_network(const std::string &name) = 0;

    // Whether a container is attached.
    [[nodiscard]] virtual bool in_use(const Network &network) = 0;

    // The leases of containers that are attached now and belong to another project.
    [[nodiscard]] virtual std::map<std::string, Lease> attached_of_others(const std::string &network,
                                                                          const std::string &project) = 0;

    // Connects the namespace: link, loopback, addresses, default route. The address is the owner's lease, or
    // a new one. A container that was attached before (a restart) is attached anew.
    virtual Endpoint attach(int netns, const std::string &network, const EndpointSpec &spec) = 0;

    // Remembers an address for an owner who will ask for it by number, so that nobody gets it by chance
    // before. Fine when it can't be had (attach() says why), and when the network is missing.
    virtual void keep_address(const std::string &network, const std::string &lease_owner,
                              const IpAddress &address) = 0;

    // Ends the attachment and keeps the address for its owner. Not attached any more is fine.
    virtual void detach(const Endpoint &endpoint, LinkRemoval removal) = 0;

    // Forgets the address kept for the owner, who is detached. A missing network or lease is fine.
    virtual void release_lease(const std::string &network, const std::string &lease_owner) = 0;

    // Only the loopback, for a container without networks.
    virtual void setup_loopback(int netns) = 0;

    // Leads the ports to the container, instead of what it had published before. On an internal network
    // nothing is led anywhere. @pre the container is attached, and every port is resolved and held by a
    // socket of ports.hpp: whoever held it before has lost it.
    virtual void publish(const Publication &publication) = 0;
    // Nothing published is fine.
    virtual void unpublish(const std::string &container_id) = 0;
    // By container id, sorted.
    [[nodiscard]] virtual std::vector<Publication> publications() = 0;

    // A socket inside the namespace; port 0 lets the kernel choose.
    virtual BoundSocket open_socket_in(int netns, SocketType type, const std::string &address,
                                       std::uint16_t port) = 0;

    // Inside the namespace, leads 127.0.0.11:53 to these ports of 127.0.0.11, instead of where it led before.
    virtual void redirect_dns(int netns, std::uint16_t udp_port, std::uint16_t tcp_port) = 0;
};

// The host's network by root's means: netlink and nftables. COMPOSE_ADDRESS_POOLS replaces the default pools
// ("172.16.0.0/12:24,10.0.0.0/8:26": prefix, then the length of the subnets cut from it, 24 if left out).
[[nodiscard]] std::unique_ptr<Host> make_system_host(const base::Paths &paths);

} // namespace network
