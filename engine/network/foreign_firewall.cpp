#include "engine/network/foreign_firewall.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

namespace network {

namespace {

constexpr std::string_view handle_mark = " # handle ";

struct ForeignRule {
    std::string text; // as it is listed, without the comment
    std::string handle;
};

std::vector<ForeignRule> rules_of_ours(const std::string &listing, const std::string &comment) {
    std::vector<ForeignRule> rules;
    std::istringstream lines(listing);
    for (std::string line; std::getline(lines, line);) {
        const auto tag = line.find(comment);
        const auto handle = line.find(handle_mark);
        const auto start = line.find_first_not_of(" \t");
        if (tag == std::string::npos || handle == std::string::npos)
            continue;
        rules.push_back({line.substr(start, tag - start - 1), line.substr(handle + handle_mark.size())});
    }
    return rules;
}

std::vector<std::string> wanted_rules(ForeignChain chain, const std::vector<Network> &networks) {
    std::set<std::string> names;
    for (const Network &network : networks)
        names.insert(network.bridge.starts_with("cmp-") ? "cmp-*" : network.bridge);
    std::vector<std::string> rules;
    // Towards Docker's own bridges Docker decides: a published port passes, the rest does not.
    if (chain == ForeignChain::docker_user)
        for (const std::string &name : names)
            for (const char *docker : {"docker0", "br-*"})
                rules.push_back(fmt::format("iifname \"{}\" oifname \"{}\" counter return", name, docker));
    for (const std::string &name : names) {
        rules.push_back(fmt::format("iifname \"{}\" counter accept", name));
        rules.push_back(fmt::format("oifname \"{}\" counter accept", name));
    }
    return rules;
}

} // namespace

std::string chain_name(ForeignChain chain) {
    return chain == ForeignChain::docker_user ? "DOCKER-USER" : "FORWARD";
}

bool drops_by_default(const std::string &listing) {
    return listing.find("policy drop") != std::string::npos;
}

std::string adjust_foreign_chain(ForeignChain chain, const std::string &listing, const std::string &tag,
                                 const std::vector<Network> &networks) {
    const std::string comment = fmt::format("comment \"{}\"", tag);
    const auto existing = rules_of_ours(listing, comment);
    const auto wanted = wanted_rules(chain, networks);
    if (std::equal(existing.begin(), existing.end(), wanted.begin(), wanted.end(),
                   [](const ForeignRule &rule, const std::string &text) { return rule.text == text; }))
        return {};
    std::string commands;
    for (const ForeignRule &rule : existing)
        commands += fmt::format("delete rule ip filter {} handle {}\n", chain_name(chain), rule.handle);
    // Each goes in at the front, so the last one comes first.
    for (auto rule = wanted.rbegin(); rule != wanted.rend(); ++rule)
        commands += fmt::format("insert rule ip filter {} {} {}\n", chain_name(chain), *rule, comment);
    return commands;
}

} // namespace network
