#include "compose/scalar.hpp"
#include "compose/validate_rules.hpp"

#include <map>

namespace compose {

namespace {

struct Claim {
    std::string service;
    std::string address;
    Location location;
};

bool is_wildcard(const std::string &address) {
    return address.empty() || address == "0.0.0.0" || address == "::";
}

bool overlap(const Claim &a, const Claim &b) {
    return is_wildcard(a.address) || is_wildcard(b.address) || a.address == b.address;
}

class Ports {
  public:
    explicit Ports(Diagnostics &diagnostics) : diagnostics_(diagnostics) {}

    void add(const std::string &name, const Node &service) {
        const Node *ports = service.find("ports");
        if (ports == nullptr)
            return;
        for (const Node &port : ports->items) {
            const std::string published = text_of(&port, "published");
            // One of a range is picked when it is published; 0 is any free port.
            const auto number = parse_integer(published);
            if (!number || *number == 0)
                continue;
            const std::string key = published + "/" + text_of(&port, "protocol");
            const Claim claim{name, text_of(&port, "host_ip"), port.location};
            for (const Claim &earlier : claims_[key])
                if (overlap(earlier, claim)) {
                    diagnostics_
                        .error(claim.location, "services." + name + ".ports",
                               "port " + key + " of the host is published twice", "publish another port")
                        .notes.push_back(
                            {earlier.location, "service \"" + earlier.service + "\" publishes it here"});
                    break;
                }
            claims_[key].push_back(claim);
            if (replicas_of(service) > 1)
                diagnostics_.error(claim.location, "services." + name + ".ports",
                                   "port " + key + " of the host cannot be published by "
                                       + std::to_string(replicas_of(service)) + " containers",
                                   "publish a range, e.g. \"" + published + "-" + std::to_string(*number + 9)
                                       + ":" + text_of(&port, "target") + "\"");
        }
    }

  private:
    Diagnostics &diagnostics_;
    std::map<std::string, std::vector<Claim>> claims_;
};

} // namespace

void check_conflicts(const Node &services, const Selection &selection, Diagnostics &diagnostics) {
    Ports ports(diagnostics);
    std::map<std::string, Claim> names;
    for (const Member &member : services.members) {
        if (!selection.services.contains(member.key))
            continue;
        const Node &service = member.value.front();
        ports.add(member.key, service);
        const Node *name = service.find("container_name");
        if (name == nullptr)
            continue;
        const auto [earlier, fresh] = names.try_emplace(name->text, Claim{member.key, "", name->location});
        if (!fresh)
            diagnostics
                .error(name->location, "services." + member.key + ".container_name",
                       "container_name \"" + name->text + "\" is already in use by another service",
                       "give each container its own name")
                .notes.push_back(
                    {earlier->second.location, "service \"" + earlier->second.service + "\" uses it here"});
    }
}

} // namespace compose
