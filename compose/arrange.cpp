#include "compose/arrange.hpp"

#include "compose/natural_order.hpp"

#include <algorithm>

namespace compose {

namespace {

bool is_zero(const Node &node) {
    switch (node.kind) {
    case Kind::null:
        return true;
    case Kind::boolean:
        return node.text == "false";
    case Kind::integer:
    case Kind::real:
        return node.text == "0" || node.text == "-0";
    case Kind::string:
        return node.text.empty();
    case Kind::sequence:
        return node.items.empty();
    case Kind::mapping:
        return node.members.empty();
    }
    return false;
}

const Rule no_rule;

// A row that is kept keeps its empty value. A null says something only as an entry of a table.
bool is_dropped(const Node &node, const Rule &rule) {
    const bool nothing = is_zero(node) || (rule.type() == Type::bytes && node.text == "0")
                         || (rule.type() == Type::duration && node.text == "0s");
    if (rule.attribute == nullptr || !nothing)
        return false;
    if (!rule.has(kept))
        return true;
    return node.is_null() && !rule.attribute->path.ends_with(".*");
}

// Those that are kept, in the order that less(position, position) says. Most are in order already.
template <typename Less>
void reorder(std::vector<Member> &members, std::vector<std::size_t> kept, Less less) {
    if (!std::is_sorted(kept.begin(), kept.end(), less))
        std::stable_sort(kept.begin(), kept.end(), less);
    else if (kept.size() == members.size())
        return;
    std::vector<Member> ordered;
    ordered.reserve(kept.size());
    for (const std::size_t position : kept)
        ordered.push_back(std::move(members[position]));
    members = std::move(ordered);
}

void arrange_object(Node &node, const Rule &rule) {
    constexpr unsigned own = ~0U; // x- keys come last
    std::vector<unsigned> order(node.members.size(), own);
    std::vector<std::size_t> kept;
    for (std::size_t position = 0; position < node.members.size(); ++position) {
        Member &member = node.members[position];
        if (const Rule *child = rule.child(member.key)) {
            order[position] = child->order;
            arrange(member.value, *child);
            if ((child->has(json_null) && member.value.is_null()) || is_dropped(member.value, *child))
                continue;
        } else if (member.value.is_mapping()) {
            arrange(member.value, no_rule);
        }
        kept.push_back(position);
    }
    reorder(node.members, std::move(kept), [&](std::size_t a, std::size_t b) {
        return order[a] != order[b]
                   ? order[a] < order[b]
                   : order[a] == own && natural_less(node.members[a].key, node.members[b].key);
    });
}

void arrange_table(Node &node, const Rule &rule) {
    std::vector<std::size_t> all;
    for (Member &member : node.members) {
        arrange(member.value, rule.any == nullptr ? no_rule : *rule.any);
        all.push_back(all.size());
    }
    reorder(node.members, std::move(all), [&](std::size_t a, std::size_t b) {
        return natural_less(node.members[a].key, node.members[b].key);
    });
}

// env_file as a plain path where nothing else is to be said.
void shorten_env_file(Node &node) {
    for (Node &file : node.items) {
        const Node *path = file.find("path");
        const Node *required = file.find("required");
        if (path != nullptr && file.find("format") == nullptr && required != nullptr
            && required->text == "true") {
            const Node plain = *path;
            file = plain;
        }
    }
}

// Docker Compose writes ssh keys as a list, ID or ID=PATH.
void list_ssh(Node &node) {
    Node list = Node::sequence(node.location);
    for (const Member &member : node.members) {
        const Node &value = member.value;
        list.items.push_back(Node::string(value.is_null() ? member.key : member.key + "=" + value.text));
    }
    node = std::move(list);
}

} // namespace

void arrange(Node &node, const Rule &rule) {
    if (rule.attribute != nullptr && rule.attribute->path == "services.*.env_file")
        shorten_env_file(node);
    if (rule.attribute != nullptr && rule.attribute->path.ends_with(".build.ssh"))
        list_ssh(node);
    if (rule.attribute != nullptr && rule.attribute->path.ends_with(".extra_hosts"))
        std::stable_sort(node.items.begin(), node.items.end(),
                         [](const Node &a, const Node &b) { return a.text < b.text; });
    if (rule.item != nullptr || node.is_sequence()) {
        for (Node &item : node.items)
            arrange(item, rule.item == nullptr ? no_rule : *rule.item);
        return;
    }
    if (!node.is_mapping())
        return;
    if (!rule.named.empty())
        arrange_object(node, rule);
    else
        arrange_table(node, rule);
}

} // namespace compose
