// The names of one project's networks and who answers to them. A plain value without I/O or clock; knows
// nothing of processes: its owner publishes an endpoint before the container's first process runs, and
// withdraws it when the last has ended.
#pragma once

#include "dns/address.hpp"
#include "dns/wire.hpp"

#include <compare>
#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace dns {

// What the names of a service mean while nobody is published under them.
enum class Standing {
    stopped,  // exists in the model, nothing runs: no such name
    expected, // is being started or restarted: the question may wait for it
};

// A container on a network.
struct Endpoint {
    std::string network;            // full name
    std::string container;          // id; its first 12 digits are a name too
    std::string container_name;     // a name, and what its addresses resolve to
    std::vector<std::string> names; // service, aliases; visible on this network only
    std::vector<Address> addresses;
};

// What a container sees: the networks it is a member of.
struct View {
    std::vector<std::string> networks;        // in the order they are searched
    std::map<std::string, std::string> links; // alias -> name it stands for, for this container only
    bool forward = true; // false on internal networks alone: unknown names fail instead of leaving the host
    std::vector<ServerAddress> servers; // its own upstream servers; empty: those of the host
};

struct Lookup {
    enum class Kind { unknown, stopped, expected, found }; // the more is known, the greater
    Kind kind = Kind::unknown;
    std::vector<Address> addresses; // found: of the asked family, maybe none
};

class Zone {
  public:
    // Replaces what was published for the same network and container. Names that are no domain names, and
    // duplicates, are left out.
    void publish(const Endpoint &endpoint);
    void withdraw(const std::string &container);
    void withdraw(const std::string &container, const std::string &network);

    // Declares a name of the model, so that it is never asked for upstream.
    void declare(const std::string &network, const std::string &name, Standing standing);
    void forget(const std::string &network, const std::string &name);

    // Addresses under `name`, which may also be written NAME.NETWORK, from the first of the view's networks
    // that knows it. Each lookup that finds more than one address starts at the next one.
    [[nodiscard]] Lookup find(const View &view, const Name &name, std::optional<Address::Family> family);

    // CONTAINER-NAME.NETWORK of the view's container that has the address.
    [[nodiscard]] std::optional<Name> name_of(const View &view, const Address &address) const;

  private:
    struct Entry {
        std::optional<Standing> declared;
        std::map<std::string, std::vector<Address>> published; // by container
        std::size_t next = 0;                                  // rotation
    };

    struct Network {
        Name suffix; // its name, lower case; the root when it is no domain name
        std::unordered_map<std::string, Entry>
            entries;                               // by wire form in lower case; never iterated for output
        std::map<Address, std::string> containers; // address -> container name
    };

    // What a container has on a network.
    struct Membership {
        std::set<std::string> keys; // of entries
        std::vector<Address> addresses;
    };

    Network &network(const std::string &name);
    static Lookup find_in(Network &network, const Name &name, std::optional<Address::Family> family);
    static void drop_if_unused(Network &network, const std::string &key);

    std::map<std::string, Network> networks_;
    std::map<std::pair<std::string, std::string>, Membership> memberships_; // by container, network
};

} // namespace dns
