// Dependency order over named things.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

namespace plan {

// name -> names it depends on. Edges to names that are no key are ignored.
using Edges = std::map<std::string, std::set<std::string>>;

// Dependencies first, otherwise alphabetical. The model is free of cycles; labels of foreign containers may
// not be, and then an edge of the cycle is ignored.
[[nodiscard]] std::vector<std::string> dependency_order(const Edges &edges);

// The names and everything they depend on, directly or not.
[[nodiscard]] std::set<std::string> closure(const Edges &edges, const std::set<std::string> &names);

// The same edges pointing the other way.
[[nodiscard]] Edges reversed(const Edges &edges);

} // namespace plan
