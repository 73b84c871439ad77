// Host by root's means. See host.hpp for the contract.
#pragma once

#include "engine/network/firewall.hpp"
#include "engine/network/host.hpp"
#include "engine/network/link_deletion.hpp"
#include "engine/network/netlink.hpp"
#include "engine/network/records.hpp"

namespace network {

class SystemHost final : public Host {
  public:
    // Works in the calling thread's network namespace.
    explicit SystemHost(const base::Paths &paths);

    Network ensure_network(const NetworkSpec &spec) override;
    void remove_networks(const std::vector<std::string> &names) override;
    [[nodiscard]] std::vector<Network> networks() override;
    [[nodiscard]] std::optional<Network> find_network(const std::string &name) override;
    [[nodiscard]] bool in_use(const Network &network) override;

    [[nodiscard]] std::map<std::string, Lease> attached_of_others(const std::string &network,
                                                                  const std::string &project) override;

    Endpoint attach(int netns, const std::string &network, const EndpointSpec &spec) override;
    void keep_address(const std::string &network, const std::string &lease_owner,
                      const IpAddress &address) override;
    void detach(const Endpoint &endpoint, LinkRemoval removal) override;
    void release_lease(const std::string &network, const std::string &lease_owner) override;
    void setup_loopback(int netns) override;

    void publish(const Publication &publication) override;
    void unpublish(const std::string &container_id) override;
    [[nodiscard]] std::vector<Publication> publications() override;

    BoundSocket open_socket_in(int netns, SocketType type, const std::string &address,
                               std::uint16_t port) override;
    void redirect_dns(int netns, std::uint16_t udp_port, std::uint16_t tcp_port) override;

  private:
    Network load(const std::string &name) const;

    bool alive(const std::string &link) const { return netlink_.link_index(link) != 0; }

    void assign_subnet(Network &network, bool exists);
    void refuse_in_use(const Network &network);
    Endpoint reserve_endpoint(const std::string &network, const EndpointSpec &spec);
    void forget_endpoint(const Endpoint &endpoint);
    void apply_firewall();
    void apply_firewall(const std::vector<Network> &networks, std::vector<Publication> publications);

    Records records_;
    Netlink netlink_;
    LinkDeletion deletion_;
    Firewall firewall_;
};

} // namespace network
