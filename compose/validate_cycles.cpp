#include "compose/member_index.hpp"
#include "compose/validate_rules.hpp"

#include <functional>
#include <string_view>
#include <unordered_map>

namespace compose {

namespace {

// From one service to another that it needs.
struct Edge {
    std::string_view to;
    const Location &location;
};

// What leads from services to others, and how to talk about it.
struct Graph {
    std::function<void(const std::string &service, const std::function<void(const Edge &)> &visit)> each;
    std::string attribute;
    std::string what; // "dependency cycle"
    std::string verb; // "depends on"
    std::string hint;
};

// Depth first; a service seen again while it is still open closes a cycle. Each cycle is told once.
class Cycles {
  public:
    Cycles(const Graph &graph, Diagnostics &diagnostics) : graph_(graph), diagnostics_(diagnostics) {}

    void visit(const std::string &name) {
        const auto [seen, fresh] = open_since_.emplace(name, open_.size());
        if (!fresh)
            return;
        std::size_t &since = seen->second; // stays where it is, unlike the iterator
        open_.push_back(name);
        graph_.each(name, [&](const Edge &edge) { follow(name, edge); });
        open_.pop_back();
        since = closed;
    }

  private:
    void follow(const std::string &from, const Edge &edge) {
        const std::string to(edge.to);
        const auto seen = open_since_.find(to);
        if (seen == open_since_.end())
            return visit(to);
        if (seen->second == closed)
            return;
        const auto start = open_.begin() + static_cast<std::ptrdiff_t>(seen->second);
        std::string path;
        for (auto name = start; name != open_.end(); ++name)
            path += *name + " -> ";
        Diagnostic &error = diagnostics_.error(edge.location, "services." + from + "." + graph_.attribute,
                                               graph_.what + ": " + path + to, graph_.hint);
        for (auto name = start; name + 1 != open_.end(); ++name)
            graph_.each(*name, [&](const Edge &earlier) {
                if (earlier.to == *(name + 1))
                    error.notes.push_back(
                        {earlier.location, *name + " " + graph_.verb + " " + *(name + 1) + " here"});
            });
    }

    const Graph &graph_;
    Diagnostics &diagnostics_;
    static constexpr std::size_t closed = ~std::size_t{0};

    std::vector<std::string> open_;
    std::unordered_map<std::string, std::size_t> open_since_; // position in open_, or closed
};

} // namespace

void check_cycles(const Node &services, const Selection &selection, Diagnostics &diagnostics) {
    MemberIndex by_name;
    const auto attribute = [&](const std::string &name, std::string_view key) -> const Node * {
        const Member *service = by_name.find(services.members, name);
        return service == nullptr ? nullptr : service->value.find(key);
    };
    const Graph dependencies{
        [&](const std::string &name, const std::function<void(const Edge &)> &visit) {
            const Node *table = selection.services.contains(name) ? attribute(name, "depends_on") : nullptr;
            for (std::size_t index = 0; table != nullptr && index < table->members.size(); ++index) {
                const Member &member = table->members[index];
                visit(
                    {member.key, member.key_location.known() ? member.key_location : member.value.location});
            }
        },
        "depends_on", "dependency cycle", "depends on", "remove one of these dependencies"};
    // A service that no profile enables can still be the base of another's image.
    const Graph builds{
        [&](const std::string &name, const std::function<void(const Edge &)> &visit) {
            const Node *build = attribute(name, "build");
            const Node *contexts = build == nullptr ? nullptr : build->find("additional_contexts");
            for (std::size_t index = 0; contexts != nullptr && index < contexts->members.size(); ++index) {
                const Node &context = contexts->members[index].value;
                if (const auto built = service_of_context(context))
                    visit({*built, context.location});
            }
        },
        "build.additional_contexts", "cycle of images", "is built with", "remove one of these contexts"};
    for (const Graph *graph : {&dependencies, &builds}) {
        Cycles cycles(*graph, diagnostics);
        for (const std::string &name : selection.services)
            cycles.visit(name);
    }
}

} // namespace compose
