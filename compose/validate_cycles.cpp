#include "compose/member_index.hpp"
#include "compose/validate_rules.hpp"

#include <unordered_map>

namespace compose {

namespace {

// Depth first; a service seen again while it is still open closes a cycle. Each cycle is told once.
class Cycles {
  public:
    Cycles(const Node &services, const Selection &selection, Diagnostics &diagnostics)
        : services_(services), selection_(selection), diagnostics_(diagnostics) {}

    void visit(const std::string &name) {
        if (!selection_.services.contains(name))
            return;
        const auto [seen, fresh] = open_since_.emplace(name, open_.size());
        if (!fresh)
            return;
        std::size_t &since = seen->second; // stays where it is, unlike the iterator
        open_.push_back(name);
        if (const Node *dependencies = dependencies_of(name))
            for (const Member &member : dependencies->members)
                follow(name, member);
        open_.pop_back();
        since = closed;
    }

  private:
    static const Location &location_of(const Member &member) {
        return member.key_location.known() ? member.key_location : member.value.location;
    }

    [[nodiscard]] const Node *dependencies_of(const std::string &name) {
        const Member *service = by_name_.find(services_.members, name);
        return service == nullptr ? nullptr : service->value.find("depends_on");
    }

    void follow(const std::string &from, const Member &member) {
        const auto seen = open_since_.find(member.key);
        if (seen == open_since_.end())
            return visit(member.key);
        if (seen->second == closed)
            return;
        const auto start = open_.begin() + static_cast<std::ptrdiff_t>(seen->second);
        std::string path;
        for (auto name = start; name != open_.end(); ++name)
            path += *name + " -> ";
        Diagnostic &error =
            diagnostics_.error(location_of(member), "services." + from + ".depends_on",
                               "dependency cycle: " + path + member.key, "remove one of these dependencies");
        for (auto name = start; name + 1 != open_.end(); ++name)
            for (const Member &edge : dependencies_of(*name)->members)
                if (edge.key == *(name + 1))
                    error.notes.push_back({location_of(edge), *name + " depends on " + edge.key + " here"});
    }

    const Node &services_;
    const Selection &selection_;
    Diagnostics &diagnostics_;
    static constexpr std::size_t closed = ~std::size_t{0};

    MemberIndex by_name_;
    std::vector<std::string> open_;
    std::unordered_map<std::string, std::size_t> open_since_; // position in open_, or closed
};

} // namespace

void check_cycles(const Node &services, const Selection &selection, Diagnostics &diagnostics) {
    Cycles cycles(services, selection, diagnostics);
    for (const std::string &name : selection.services)
        cycles.visit(name);
}

} // namespace compose
