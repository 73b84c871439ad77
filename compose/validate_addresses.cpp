// Addresses of a service: its own in each network, its name servers, its extra hosts, its exposed ports.
#include "compose/decode_values.hpp"
#include "compose/ip_prefix.hpp"
#include "compose/scalar.hpp"
#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

#include <net/if.h>

#include <algorithm>
#include <cctype>

namespace compose {

namespace {

bool is_mac_address(const std::string &text) {
    if (text.size() != 17)
        return false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto letter = static_cast<unsigned char>(text[at]);
        if (at % 3 == 2 ? letter != ':' && letter != '-' : std::isxdigit(letter) == 0)
            return false;
    }
    return true;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

class AddressCheck {
  public:
    AddressCheck(const ServiceView &service, const Node &model, Diagnostics &diagnostics)
        : service_(service), model_(model), diagnostics_(diagnostics) {}

    void all() {
        for (const Node &server : items_of(service_.node, "dns"))
            if (!is_unresolved(server) && !is_ip_address(server.text))
                error(server, "dns", "a name server cannot be \"" + server.text + "\"",
                      "write its IP address");
        for (const Node &host : items_of(service_.node, "extra_hosts"))
            extra_host(host);
        for (const Node &port : items_of(service_.node, "expose"))
            if (!is_unresolved(port) && !is_exposed(port.text))
                error(port, "expose", "a port cannot be \"" + port.text + "\"",
                      "write PORT[-LAST][/PROTOCOL], e.g. \"8080/tcp\"");
        for (const Member &member : members_of(service_.node, "networks"))
            if (member.value.is_mapping())
                endpoint(member.key, member.value);
        mac_address();
    }

  private:
    void error(const Node &value, std::string_view attribute, const std::string &message,
               const std::string &hint) {
        diagnostics_.error(value.location, service_.path(attribute), message, hint);
    }

    void extra_host(const Node &host) {
        const std::string address = host.text.substr(host.text.find('=') + 1);
        if (!is_unresolved(host) && address != "host-gateway" && !is_ip_address(address))
            error(host, "extra_hosts", "\"" + address + "\" is not an IP address",
                  "write name=ADDRESS; host-gateway stands for this machine");
    }

    static bool is_exposed(const std::string &text) {
        const std::string protocol =
            text.find('/') == std::string::npos ? "tcp" : text.substr(text.find('/') + 1);
        const std::string ports = text.substr(0, text.find('/'));
        const auto dash = ports.find('-');
        const auto first = parse_integer(ports.substr(0, dash));
        const auto last = dash == std::string::npos ? first : parse_integer(ports.substr(dash + 1));
        const std::string known = lower(protocol);
        return first && last && *first >= 1 && *first <= *last && *last <= 65535
               && (known == "tcp" || known == "udp" || known == "sctp");
    }

    void endpoint(const std::string &network, const Node &endpoint) {
        const std::string path = "networks." + network;
        for (const char *attribute : {"ipv4_address", "ipv6_address"}) {
            const Node *address = endpoint.find(attribute);
            if (address != nullptr && !address->text.empty() && !is_unresolved(*address))
                own_address(network, attribute, *address);
        }
        for (const Node &address : items_of(endpoint, "link_local_ips"))
            if (!is_unresolved(address) && !is_ip_address(address.text))
                error(address, path, "\"" + address.text + "\" is not an IP address",
                      "write one such as 169.254.8.8");
        if (const Node *mac = endpoint.find("mac_address");
            mac != nullptr && !mac->text.empty() && !is_unresolved(*mac) && !is_mac_address(mac->text))
            error(*mac, path, "mac_address cannot be \"" + mac->text + "\"", "write it as 02:42:ac:11:00:02");
        if (const Node *name = endpoint.find("interface_name");
            name != nullptr && !is_unresolved(*name)
            && (name->text.size() >= IFNAMSIZ || name->text.find_first_of("/: \t") != std::string::npos))
            error(*name, path, "an interface cannot be called \"" + name->text + "\"",
                  "use 15 letters and digits at most, e.g. eth0");
    }

    // It must be in a subnet that the file gives the network; of an external one nothing is known here.
    void own_address(const std::string &network, const std::string &attribute, const Node &address) {
        const bool v6 = attribute == "ipv6_address";
        const std::string path = "networks." + network;
        const auto parsed = IpPrefix::parse_address(address.text);
        if (!parsed || parsed->v6 != v6)
            return error(address, path, attribute + " cannot be \"" + address.text + "\"",
                         v6 ? "write an IPv6 address" : "write an IPv4 address, e.g. 10.5.0.2");
        const Node *networks = model_.find("networks");
        const Node *declared = networks == nullptr ? nullptr : networks->find(network);
        if (declared == nullptr || text_of(declared, "external") == "true")
            return;
        const Node *ipam = declared->find("ipam");
        bool any = false;
        if (ipam != nullptr)
            for (const Node &pool : items_of(*ipam, "config"))
                if (const auto subnet = IpPrefix::parse_network(text_of(&pool, "subnet"));
                    subnet && subnet->v6 == v6) {
                    any = true;
                    if (subnet->contains(*parsed))
                        return;
                }
        if (any)
            error(address, path,
                  attribute + " " + address.text + " is in no subnet of network \"" + network + "\"",
                  "choose one that is, or change its ipam.config");
        else
            error(address, path, attribute + " needs a subnet of network \"" + network + "\"",
                  "give the network ipam: {config: [{subnet: ...}]}");
    }

    // The service's is that of the network it joins first.
    void mac_address() {
        const Node *own = service_.find("mac_address");
        const Node *first = nullptr;
        std::string name;
        std::int64_t highest = 0;
        for (const Member &member : members_of(service_.node, "networks")) {
            const Node &endpoint = member.value;
            const Node *priority = endpoint.find("priority");
            const std::int64_t value = priority == nullptr ? 0 : read_integer(*priority).value_or(0);
            if (first == nullptr || value > highest || (value == highest && member.key < name)) {
                first = &endpoint;
                highest = value;
                name = member.key;
            }
        }
        const Node *given = first == nullptr ? nullptr : first->find("mac_address");
        if (own == nullptr || given == nullptr || lower(own->text) == lower(given->text))
            return;
        diagnostics_
            .error(given->location, service_.path("networks"),
                   "this mac_address and that of the service differ", "give one of them")
            .notes.push_back({own->location, "the service's mac_address is given here"});
    }

    const ServiceView &service_;
    const Node &model_;
    Diagnostics &diagnostics_;
};

} // namespace

bool is_ip_address(const std::string &text) {
    return IpPrefix::parse_address(text).has_value();
}

void check_addresses(const ServiceView &service, const Node &model, Diagnostics &diagnostics) {
    AddressCheck(service, model, diagnostics).all();
}

} // namespace compose
