// One container's place in the networks: endpoints, names, published ports, and the sockets of its DNS.
#pragma once

#include "base/fd.hpp"
#include "engine/container/spec.hpp"
#include "engine/network/ports.hpp"
#include "supervisor/record.hpp"
#include "supervisor/restart_machine.hpp"
#include "supervisor/runtime.hpp"

#include <filesystem>
#include <memory>
#include <vector>

namespace supervisor {

// Whose the addresses are that a container has: they stay when it is recreated.
[[nodiscard]] std::string lease_owner(const container::Spec &spec, int number);

class ContainerNetwork {
  public:
    ContainerNetwork(Runtime &runtime, const container::Spec &spec, std::filesystem::path directory);
    ~ContainerNetwork();

    // Holds the published ports, so that a conflict shows before anything is created. Again: nothing.
    // @throws base::Error naming who has a port.
    void reserve_ports();

    // Everything for a new process whose network namespace this is: links, addresses, hosts file, DNS, names,
    // ports. Invalid netns: the namespace is shared or the host's, and there is nothing to do.
    // On failure all of it is undone. Fills endpoints and ports of state.
    void attach(const base::UniqueFd &netns, StateRecord &state);

    // Takes over what a predecessor attached.
    void adopt(const StateRecord &state);

    // The process has ended. keep_ports: it starts again soon, nobody else should get its ports meanwhile.
    void detach(bool keep_ports);

    // After detach(): a new process follows at that time. Until it is attached, or detach() says that there
    // is none, the container's names are known but nobody's, and never asked for elsewhere.
    void expect_restart(SteadyTime at);

    // Forgets the addresses kept for the container's number. @pre detached.
    void release_addresses();

    // What "host-gateway" stands for: the host's address on the container's first network. Empty without one.
    [[nodiscard]] std::string host_gateway() const;

  private:
    void attach_endpoints(int netns, StateRecord &state);
    void write_hosts_file(const StateRecord &state) const;
    void serve_dns(int netns);
    void publish_names();
    void forget_expected();
    [[nodiscard]] std::vector<std::string> names_on(const container::Endpoint &endpoint) const;
    void publish_ports(StateRecord &state);
    void release_ports();
    [[nodiscard]] dns::View view() const;
    [[nodiscard]] std::string lease_owner() const;
    [[nodiscard]] std::string stored_name(const std::string &what) const;

    Runtime &runtime_;
    const container::Spec &spec_;
    std::filesystem::path directory_;
    std::vector<network::Endpoint> endpoints_; // attached
    std::vector<network::HeldPort> ports_;     // held
    bool expected_ = false;                    // names are declared
};

} // namespace supervisor
