// Networks, endpoints and published ports as plain data: what is wanted (…Spec), and what was made of it.
// Nothing here touches the host.
#pragma once

#include "base/json_fwd.hpp"
#include "base/units.hpp"
#include "engine/network/address.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace network {

struct NetworkSpec {
    std::string name;    // full, e.g. "proj_default"; unique on the host
    std::string project; // empty: of no project
    std::string key;     // as the Compose file calls it
    std::map<std::string, std::string> labels;
    std::string driver = "bridge";
    std::optional<Prefix> subnet; // none: allocated from the pools
    std::optional<IpAddress> gateway;
    std::optional<Prefix> ip_range; // where addresses not asked for by number come from
    std::map<std::string, IpAddress> aux_addresses;
    bool internal = false; // no way out, no way in
    bool attachable = false;
    bool enable_ipv6 = false;
    std::map<std::string, std::string> driver_opts;

    bool operator==(const NetworkSpec &) const = default;
};

// The driver options that are understood, in their typed form.
struct BridgeOptions {
    int mtu = 0;             // com.docker.network.driver.mtu; 0: the kernel's default
    std::string bridge_name; // com.docker.network.bridge.name
    bool icc = true;         // com.docker.network.bridge.enable_icc
    bool masquerade = true;  // com.docker.network.bridge.enable_ip_masquerade
    std::string host_ip;     // com.docker.network.bridge.host_binding_ipv4: of ports published without one
};

// @throws base::Error naming the option for a value that is not understood or an option that is not known.
[[nodiscard]] BridgeOptions bridge_options(const NetworkSpec &spec);

// @throws base::Error for a spec that can't become a network: a driver other than bridge, IPv6, a gateway
// outside the subnet, a malformed name, an unknown option.
void validate(const NetworkSpec &spec);

// The attributes in which the two differ so that the network must be replaced ("subnet", "labels", ...), in
// a fixed order; empty when `wanted` is what exists.
[[nodiscard]] std::vector<std::string> differences(const NetworkSpec &existing, const NetworkSpec &wanted);

// An address a network keeps for somebody, attached or not.
struct Lease {
    IpAddress address;
    std::string mac;
    std::string container_id; // empty: remembered only, nobody is attached
    std::string host_link;    // the attached veth's end in the host's namespace
    // What the attached container is called on this network, for the names of other projects.
    std::string container_name = {};
    std::vector<std::string> aliases = {};

    bool operator==(const Lease &) const = default;
};

// A network that exists; the content of STATE/networks/NAME.json.
struct Network {
    NetworkSpec spec;
    std::string id;     // 64 hex digits
    std::string bridge; // link name
    Prefix subnet;
    IpAddress gateway;
    base::Timestamp created{};
    std::map<std::string, Lease> leases; // by lease owner

    bool operator==(const Network &) const = default;
};

struct EndpointSpec {
    std::string container_id;
    std::string container_name;
    std::vector<std::string> aliases;
    // A stable key such as "project/service/1": the same owner gets the same address again, also after the
    // container was recreated.
    std::string lease_owner;
    std::optional<IpAddress> ipv4;
    std::string mac;       // empty: derived from the address
    std::string interface; // empty: the first free one of eth0, eth1, ...
    std::vector<IpAddress> link_local_ips;
    bool gateway = true; // has the default route (never on an internal network)
};

// A container's place in a network.
struct Endpoint {
    std::string network;
    std::string container_id;
    std::string lease_owner;
    IpAddress address;
    int prefix_length = 0;
    std::optional<IpAddress> gateway; // none: no default route through this network
    std::string mac;
    std::string host_link;
    std::string interface;

    bool operator==(const Endpoint &) const = default;
};

// A port of the host led to a port of a container. As a wish, host_first..host_last is a range of which one
// free port is picked, and 0 stands for any; resolved, both are the same port.
struct PublishedPort {
    std::string host_ip; // empty: all addresses; else an IPv4 or IPv6 literal
    std::uint16_t host_first = 0;
    std::uint16_t host_last = 0;
    std::uint16_t container_port = 0;
    std::string protocol = "tcp"; // tcp | udp

    [[nodiscard]] bool resolved() const { return host_first != 0 && host_first == host_last; }

    bool operator==(const PublishedPort &) const = default;
};

// "8000/tcp", "127.0.0.1:8000-8010/udp", "[::1]:53/udp": the host's side, for messages.
[[nodiscard]] std::string host_side_text(const PublishedPort &port);

// "", "8000" or "8000-8010" (a range has first <= last) to host_first and host_last. nullopt when malformed.
[[nodiscard]] std::optional<std::pair<std::uint16_t, std::uint16_t>> parse_port_range(std::string_view text);

// All that one container has published.
struct Publication {
    std::string container_id;
    std::string container_name; // for messages
    std::string project;
    std::string network;              // full name, the one `target` belongs to
    IpAddress target;                 // the container's address
    std::vector<PublishedPort> ports; // resolved

    bool operator==(const Publication &) const = default;
};

// {"version": 1, ...}. The readers throw base::Error naming `subject` and the member that is wrong.
[[nodiscard]] base::Json to_json(const Network &network);
[[nodiscard]] Network network_from_json(const base::Json &json, const std::string &subject);
[[nodiscard]] base::Json to_json(const Endpoint &endpoint);
[[nodiscard]] Endpoint endpoint_from_json(const base::Json &json, const std::string &subject);
[[nodiscard]] base::Json to_json(const PublishedPort &port);
[[nodiscard]] PublishedPort port_from_json(const base::Json &json, const std::string &subject);
[[nodiscard]] base::Json to_json(const Publication &publication);
[[nodiscard]] Publication publication_from_json(const base::Json &json, const std::string &subject);

} // namespace network
