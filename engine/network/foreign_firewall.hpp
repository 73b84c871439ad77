// Living beside a firewall that drops what it does not know: Docker's and ufw's FORWARD policy. An accept in
// our table does not override a drop in theirs, so their chain gets rules that let our bridges pass (our own
// table still decides). The rules carry a comment, by which they are found and removed again. Pure.
#pragma once

#include "engine/network/spec.hpp"

#include <string>
#include <vector>

namespace network {

// Where the rules belong: DOCKER-USER, which Docker keeps for its users, else FORWARD itself.
enum class ForeignChain { docker_user, forward };

[[nodiscard]] std::string chain_name(ForeignChain chain);

// Whether `listing`, of `nft list chain ip filter FORWARD`, drops what no rule accepts.
[[nodiscard]] bool drops_by_default(const std::string &listing);

// The commands that make the chain contain what the networks need and nothing else of ours; empty when it
// does already. Ours are those with the comment `tag`. @pre `listing` shows the chain with handles.
[[nodiscard]] std::string adjust_foreign_chain(ForeignChain chain, const std::string &listing,
                                               const std::string &tag, const std::vector<Network> &networks);

} // namespace network
