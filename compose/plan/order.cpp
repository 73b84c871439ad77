#include "compose/plan/order.hpp"

namespace plan {

namespace {

void visit(const Edges &edges, const std::string &name, std::set<std::string> &seen,
           std::vector<std::string> &order) {
    const auto found = edges.find(name);
    if (found == edges.end() || !seen.insert(name).second)
        return;
    for (const std::string &dependency : found->second)
        visit(edges, dependency, seen, order);
    order.push_back(name);
}

} // namespace

std::vector<std::string> dependency_order(const Edges &edges) {
    std::set<std::string> seen;
    std::vector<std::string> order;
    for (const auto &[name, dependencies] : edges)
        visit(edges, name, seen, order);
    return order;
}

std::set<std::string> closure(const Edges &edges, const std::set<std::string> &names) {
    std::set<std::string> seen;
    std::vector<std::string> order;
    for (const std::string &name : names)
        visit(edges, name, seen, order);
    return seen;
}

Edges reversed(const Edges &edges) {
    Edges result;
    for (const auto &[name, dependencies] : edges) {
        result[name];
        for (const std::string &dependency : dependencies)
            if (edges.contains(dependency))
                result[dependency].insert(name);
    }
    return result;
}

} // namespace plan
