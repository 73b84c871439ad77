// What a run is about: the profiles that are active, the services they enable and what these use. Pure.
#pragma once

#include "compose/node.hpp"
#include "compose/phases.hpp"

#include <set>
#include <string>
#include <vector>

namespace compose {

struct Selection {
    std::set<std::string> profiles; // may hold "*"
    std::set<std::string> services;
    std::set<std::string> networks, volumes, secrets, configs, models; // used by the services

    [[nodiscard]] bool enables(const Node &service) const;
};

// From --profile, COMPOSE_PROFILES and the services named on the command line, whose own profiles become
// active.
[[nodiscard]] Selection select(const Node &model, const NormaliseContext &context);

// The services named and all they depend on, also by what complete_service() adds.
[[nodiscard]] std::set<std::string> with_dependencies(const Node &services,
                                                      const std::vector<std::string> &names);

// The names a list or the keys a mapping holds.
[[nodiscard]] std::vector<std::string> names_in(const Node *node);

} // namespace compose
