// Plans for containers that exist, from what was observed alone: they work with a project name and no file.
#pragma once

#include "compose/plan/observed.hpp"
#include "compose/plan/operation.hpp"

#include <set>
#include <string>
#include <vector>

namespace plan {

// Which containers a verb means. Dependency order comes from their depends_on labels.
struct Selection {
    std::set<std::string> services; // empty: every service
    bool one_offs = false;
    std::set<std::string> ids; // not empty: exactly these containers instead
};

struct DownPolicy {
    Selection selection;               // with services: these and what depends on them
    std::set<std::string> known;       // services of the model; empty: all (no file was read)
    bool remove_orphans = false;       // also what isn't known, and one-offs
    std::vector<std::string> networks; // full names, removed when nothing else uses them
    std::vector<std::string> volumes;  // full names; only with -v
};

// Stop and remove in reverse dependency order, then networks, then volumes.
[[nodiscard]] Plan plan_down(const Observed &observed, const DownPolicy &policy);

[[nodiscard]] Plan plan_stop(const Observed &observed, const Selection &selection);
// Dependencies included, in order; their conditions gate as in `up`.
[[nodiscard]] Plan plan_start(const Observed &observed, const Selection &selection);
// with_dependents: also services whose depends_on has restart: true.
[[nodiscard]] Plan plan_restart(const Observed &observed, const Selection &selection, bool with_dependents);
[[nodiscard]] Plan plan_kill(const Observed &observed, const Selection &selection);
// Stopped containers only, unless stop.
[[nodiscard]] Plan plan_remove(const Observed &observed, const Selection &selection, bool stop);

} // namespace plan
