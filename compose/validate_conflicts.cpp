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

// Two services have the same text when one extends the other, or both a third; the place that differs is
// their own.
bool inherited(const Location &a, const Location &b) {
    return a.known() && a.source == b.source && a.line == b.line && a.column == b.column;
}

bool is_wildcard(const std::string &address) {
    return address.empty() || address == "0.0.0.0" || address == "::";
}

bool overlap(const Claim &a, const Claim &b) {
    return is_wildcard(a.address) || is_wildcard(b.address) || a.address == b.address;
}

class Ports {
  public:
    explicit Ports(Diagnostics &diagnostics) : diagnostics_(diagnostics) {}

    void add(const Member &member) {
        const std::string &name = member.key;
        const Node &service = member.value;
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
                    report(member, key, claim, earlier);
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
    void report(const Member &member, const std::string &port, const Claim &claim, const Claim &earlier) {
        const bool extended = inherited(claim.location, earlier.location);
        diagnostics_
            .error(extended ? member.key_location : claim.location, "services." + member.key + ".ports",
                   "port " + port + " of the host is published twice",
                   extended ? "give one of them other ports with ports: !override" : "publish another port")
            .notes.push_back({earlier.location, "service \"" + earlier.service + "\" publishes it "
                                                    + (extended ? "too, as it is written here" : "here")});
    }

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
        const Node &service = member.value;
        ports.add(member);
        const Node *name = service.find("container_name");
        if (name == nullptr)
            continue;
        const auto [earlier, fresh] = names.try_emplace(name->text, Claim{member.key, "", name->location});
        if (fresh)
            continue;
        const Location &used = earlier->second.location;
        diagnostics
            .error(inherited(name->location, used) ? member.key_location : name->location,
                   "services." + member.key + ".container_name",
                   "container_name \"" + name->text + "\" is already in use by another service",
                   "give each container its own name")
            .notes.push_back({used, "service \"" + earlier->second.service + "\" uses it here"});
    }
}

} // namespace compose
