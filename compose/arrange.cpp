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
    if (rule.attribute == nullptr || !(is_zero(node) || (rule.type() == Type::bytes && node.text == "0")))
        return false;
    if (!rule.has(kept))
        return true;
    return node.is_null() && !rule.attribute->path.ends_with(".*");
}

void arrange_object(Node &node, const Rule &rule) {
    struct Entry {
        unsigned order;
        Member member;
    };

    std::vector<Entry> entries;
    for (Member &member : node.members) {
        const Rule *child = rule.child(member.key);
        if (child != nullptr)
            arrange(member.value.front(), *child);
        else if (member.value.front().is_mapping())
            arrange(member.value.front(), no_rule);
        const bool own = child == nullptr;
        const bool silent_null = child != nullptr && child->has(json_null) && member.value.front().is_null();
        if (!own && (silent_null || is_dropped(member.value.front(), *child)))
            continue;
        entries.push_back({own ? ~0U : child->order, std::move(member)});
    }
    std::stable_sort(entries.begin(), entries.end(), [](const Entry &a, const Entry &b) {
        return a.order != b.order ? a.order < b.order
                                  : a.order == ~0U && natural_less(a.member.key, b.member.key);
    });
    node.members.clear();
    for (Entry &entry : entries)
        node.members.push_back(std::move(entry.member));
}

void arrange_table(Node &node, const Rule &rule) {
    for (Member &member : node.members)
        arrange(member.value.front(), rule.any == nullptr ? no_rule : *rule.any);
    std::stable_sort(node.members.begin(), node.members.end(),
                     [](const Member &a, const Member &b) { return natural_less(a.key, b.key); });
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
        const Node &value = member.value.front();
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
