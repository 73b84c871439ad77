// check_complete: the attributes that the table marks needed_merged.
#include "compose/attributes.hpp"
#include "compose/phases.hpp"
#include "compose/schema_type.hpp"
#include "compose/values.hpp"

#include <string_view>

namespace compose {

namespace {

struct Search {
    std::string_view key; // that must be there
    Diagnostics &diagnostics;

    // `rest` leads from the node to the objects that must have the key: "services.*.depends_on.*".
    void run(const Node &node, std::string_view rest, const std::string &path) {
        if (!node.is_mapping())
            return;
        if (rest.empty()) {
            if (node.find(key) == nullptr)
                diagnostics.error(node.location, path, leaf(path) + " has no " + std::string(key),
                                  "add " + std::string(key) + ":");
            return;
        }
        const auto dot = rest.find('.');
        const std::string_view segment = rest.substr(0, dot);
        const std::string_view next =
            dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
        if (segment == "*")
            for (const Member &member : node.members)
                run(member.value, next, join_path(path, member.key));
        else if (const Node *child = node.find(segment))
            run(*child, next, join_path(path, std::string(segment)));
    }
};

} // namespace

void check_complete(const Node &merged, Diagnostics &diagnostics) {
    for (const Attribute &row : attributes()) {
        if ((row.flags & needed_merged) == 0)
            continue;
        const auto dot = row.path.rfind('.');
        Search{row.path.substr(dot + 1), diagnostics}.run(merged, row.path.substr(0, dot), "");
    }
}

} // namespace compose
