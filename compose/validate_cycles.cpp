#include "compose/validate_rules.hpp"

#include <algorithm>
#include <map>

namespace compose {

namespace {

// Depth first; a service seen again while it is still open closes a cycle. Each cycle is told once.
class Cycles {
  public:
    Cycles(const Node &services, const Selection &selection, Diagnostics &diagnostics)
        : services_(services), selection_(selection), diagnostics_(diagnostics) {}

    void visit(const std::string &name) {
        if (done_[name] || !selection_.services.contains(name))
            return;
        open_.push_back(name);
        const Node *service = services_.find(name);
        const Node *dependencies = service == nullptr ? nullptr : service->find("depends_on");
        if (dependencies != nullptr)
            for (const Member &member : dependencies->members)
                follow(name, member);
        open_.pop_back();
        done_[name] = true;
    }

  private:
    static const Location &location_of(const Member &member) {
        return member.key_location.known() ? member.key_location : member.value.front().location;
    }

    void follow(const std::string &from, const Member &member) {
        const auto start = std::find(open_.begin(), open_.end(), member.key);
        if (start == open_.end()) {
            visit(member.key);
            return;
        }
        std::string path;
        for (auto name = start; name != open_.end(); ++name)
            path += *name + " -> ";
        Diagnostic &error =
            diagnostics_.error(location_of(member), "services." + from + ".depends_on",
                               "dependency cycle: " + path + member.key, "remove one of these dependencies");
        for (auto name = start; name + 1 != open_.end(); ++name)
            for (const Member &edge : services_.find(*name)->find("depends_on")->members)
                if (edge.key == *(name + 1))
                    error.notes.push_back({location_of(edge), *name + " depends on " + edge.key + " here"});
    }

    const Node &services_;
    const Selection &selection_;
    Diagnostics &diagnostics_;
    std::vector<std::string> open_;
    std::map<std::string, bool> done_;
};

} // namespace

void check_cycles(const Node &services, const Selection &selection, Diagnostics &diagnostics) {
    Cycles cycles(services, selection, diagnostics);
    for (const std::string &name : selection.services)
        cycles.visit(name);
}

} // namespace compose
