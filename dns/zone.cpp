#include "dns/zone.hpp"

#include <algorithm>

namespace dns {

namespace {

constexpr std::size_t short_id_size = 12;

std::string key_of(const Name &name) {
    return name.lower().wire();
}

std::vector<Address> of_family(const std::map<std::string, std::vector<Address>> &published,
                               std::optional<Address::Family> family) {
    std::vector<Address> result;
    for (const auto &[container, addresses] : published)
        std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(result),
                     [&](const Address &address) { return !family || address.family() == *family; });
    return result;
}

} // namespace

Zone::Network &Zone::network(const std::string &name) {
    const auto [found, added] = networks_.try_emplace(name);
    if (added)
        found->second.suffix = Name::from_text(name).value_or(Name()).lower();
    return found->second;
}

void Zone::publish(const Endpoint &endpoint) {
    withdraw(endpoint.container, endpoint.network);
    Network &net = network(endpoint.network);
    Membership &member = memberships_[{endpoint.container, endpoint.network}];
    member.addresses = endpoint.addresses;

    std::vector<std::string> names = endpoint.names;
    names.push_back(endpoint.container_name);
    names.push_back(endpoint.container.substr(0, short_id_size));
    for (const std::string &text : names) {
        const auto name = Name::from_text(text);
        if (!name)
            continue;
        member.keys.insert(key_of(*name));
        net.entries[key_of(*name)].published[endpoint.container] = endpoint.addresses;
    }
    for (const Address &address : endpoint.addresses)
        net.containers[address] = endpoint.container_name;
}

void Zone::withdraw(const std::string &container) {
    for (auto at = memberships_.lower_bound({container, {}});
         at != memberships_.end() && at->first.first == container;) {
        const std::string net = at->first.second;
        ++at;
        withdraw(container, net);
    }
}

void Zone::withdraw(const std::string &container, const std::string &network) {
    const auto member = memberships_.find({container, network});
    if (member == memberships_.end())
        return;
    Network &net = networks_.at(network);
    for (const std::string &key : member->second.keys) {
        net.entries.at(key).published.erase(container);
        drop_if_unused(net, key);
    }
    for (const Address &address : member->second.addresses)
        net.containers.erase(address);
    memberships_.erase(member);
}

void Zone::declare(const std::string &network_name, const std::string &name, Standing standing) {
    if (const auto parsed = Name::from_text(name))
        network(network_name).entries[key_of(*parsed)].declared = standing;
}

void Zone::forget(const std::string &network_name, const std::string &name) {
    const auto net = networks_.find(network_name);
    const auto parsed = Name::from_text(name);
    if (net == networks_.end() || !parsed)
        return;
    const std::string key = key_of(*parsed);
    const auto entry = net->second.entries.find(key);
    if (entry == net->second.entries.end())
        return;
    entry->second.declared.reset();
    drop_if_unused(net->second, key);
}

void Zone::drop_if_unused(Network &network, const std::string &key) {
    const auto entry = network.entries.find(key);
    if (entry->second.published.empty() && !entry->second.declared)
        network.entries.erase(entry);
}

Lookup Zone::find(const View &view, const Name &name, std::optional<Address::Family> family) {
    const Name wanted = name.lower();
    Lookup best;
    for (const std::string &network_name : view.networks) {
        const auto net = networks_.find(network_name);
        if (net == networks_.end())
            continue;
        Lookup here = find_in(net->second, wanted, family);
        if (here.kind == Lookup::Kind::unknown) {
            if (const auto relative = wanted.without_suffix(net->second.suffix))
                here = find_in(net->second, *relative, family);
        }
        if (here.kind == Lookup::Kind::found)
            return here;
        best.kind = std::max(best.kind, here.kind);
    }
    return best;
}

Lookup Zone::find_in(Network &network, const Name &name, std::optional<Address::Family> family) {
    const auto found = network.entries.find(name.wire());
    if (found == network.entries.end())
        return {};
    Entry &entry = found->second;
    if (entry.published.empty())
        return {*entry.declared == Standing::expected ? Lookup::Kind::expected : Lookup::Kind::stopped, {}};

    Lookup result{Lookup::Kind::found, of_family(entry.published, family)};
    if (result.addresses.size() > 1) {
        const std::size_t first = entry.next++ % result.addresses.size();
        std::rotate(result.addresses.begin(), result.addresses.begin() + static_cast<std::ptrdiff_t>(first),
                    result.addresses.end());
    }
    return result;
}

std::optional<Name> Zone::name_of(const View &view, const Address &address) const {
    for (const std::string &network_name : view.networks) {
        const auto net = networks_.find(network_name);
        if (net == networks_.end())
            continue;
        const auto container = net->second.containers.find(address);
        if (container != net->second.containers.end())
            return Name::from_text(container->second + "." + network_name);
    }
    return std::nullopt;
}

} // namespace dns
