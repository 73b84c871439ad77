// A network of the blueprint in the network module's terms. Pure.
#pragma once

#include "compose/plan/blueprint.hpp"
#include "engine/network/spec.hpp"

#include <string>

namespace supervisor {

// @throws base::Error naming the network and what is not an address.
[[nodiscard]] network::NetworkSpec network_spec(const plan::NetworkBlueprint &print,
                                                const std::string &project);

} // namespace supervisor
