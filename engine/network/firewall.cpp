#include "engine/network/firewall.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/network/foreign_firewall.hpp"
#include "engine/network/nftables.hpp"
#include "engine/network/ruleset.hpp"

#include <fcntl.h>

namespace network {

namespace {

std::string list_command(ForeignChain chain) {
    return "list chain ip filter " + chain_name(chain);
}

// Commands for the chain that needs our rules, and for the other one, which must not keep any.
std::string adjust_foreign(Nftables &nftables, const std::string &table,
                           const std::vector<Network> &networks) {
    const auto docker_user = nftables.list(list_command(ForeignChain::docker_user));
    const auto forward = nftables.list(list_command(ForeignChain::forward));
    const std::vector<Network> none;
    std::string commands;
    if (docker_user)
        commands += adjust_foreign_chain(ForeignChain::docker_user, *docker_user, table, networks);
    if (forward)
        commands += adjust_foreign_chain(ForeignChain::forward, *forward, table,
                                         !docker_user && drops_by_default(*forward) ? networks : none);
    return commands;
}

} // namespace

void Firewall::apply(const std::vector<Network> &networks,
                     const std::vector<Publication> &publications) const {
    with_nftables([&](Nftables &nftables) {
        nftables.run(ruleset(table_, networks, publications) + adjust_foreign(nftables, table_, networks),
                     "set up the firewall");
    });
}

void enable_forwarding() {
    const std::string path = "/proc/sys/net/ipv4/ip_forward";
    if (base::read_file(path).starts_with('1'))
        return;
    const base::UniqueFd fd = base::open_file(path, O_WRONLY);
    base::write_all(fd.get(), "1", path);
}

} // namespace network
