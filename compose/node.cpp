#include "compose/node.hpp"

#include <algorithm>
#include <map>

namespace compose {

Node Node::null(Location location) {
    Node node;
    node.location = std::move(location);
    return node;
}

Node Node::scalar(Kind kind, std::string text, Location location, bool quoted) {
    Node node;
    node.kind = kind;
    node.text = std::move(text);
    node.location = std::move(location);
    node.quoted = quoted;
    return node;
}

Node Node::string(std::string text, Location location) {
    return scalar(Kind::string, std::move(text), std::move(location));
}

Node Node::boolean(bool value, Location location) {
    return scalar(Kind::boolean, value ? "true" : "false", std::move(location));
}

Node Node::integer(std::int64_t value, Location location) {
    return scalar(Kind::integer, std::to_string(value), std::move(location));
}

Node Node::sequence(Location location) {
    Node node;
    node.kind = Kind::sequence;
    node.location = std::move(location);
    return node;
}

Node Node::mapping(Location location) {
    Node node;
    node.kind = Kind::mapping;
    node.location = std::move(location);
    return node;
}

const Node *Node::find(std::string_view key) const {
    if (!is_mapping())
        return nullptr;
    // Most keys differ in length or the first letter, which spares the call of memcmp(3).
    for (const Member &member : members)
        if (member.key.size() == key.size() && (key.empty() || member.key.front() == key.front())
            && member.key == key)
            return &member.value;
    return nullptr;
}

Node *Node::find(std::string_view key) {
    return const_cast<Node *>(static_cast<const Node *>(this)->find(key));
}

Location Node::key_location(std::string_view key) const {
    for (const Member &member : members)
        if (member.key == key && member.key_location.known())
            return member.key_location;
    return location;
}

Node &Node::set(std::string key, Node value, Location key_location) {
    for (Member &member : members) {
        if (member.key != key)
            continue;
        member.value = std::move(value);
        if (key_location.known())
            member.key_location = std::move(key_location);
        return member.value;
    }
    Member &member = members.emplace_back();
    member.key = std::move(key);
    member.key_location = std::move(key_location);
    member.value = std::move(value);
    return member.value;
}

bool Node::erase(std::string_view key) {
    return std::erase_if(members, [&](const Member &member) { return member.key == key; }) > 0;
}

bool same_value(const Node &a, const Node &b) {
    if (a.kind != b.kind || a.text != b.text || a.members.size() != b.members.size())
        return false;
    std::map<std::string_view, const Node *> others;
    for (const Member &member : b.members)
        others.emplace(member.key, &member.value);
    const bool same_members = std::all_of(a.members.begin(), a.members.end(), [&](const Member &member) {
        const auto other = others.find(member.key);
        return other != others.end() && same_value(member.value, *other->second);
    });
    return same_members
           && std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(), same_value);
}

std::string join_path(const std::string &path, std::string_view key) {
    std::string joined = path;
    if (!joined.empty())
        joined += '.';
    joined += key;
    return joined;
}

std::string join_path(const std::string &path, std::size_t index) {
    return path + "[" + std::to_string(index) + "]";
}

} // namespace compose
