// Tags that outlive a merge.
#include "compose/merge.hpp"

#include <span>

namespace compose {

namespace {

struct Tagged {
    std::vector<std::string> path;
    MergeTag tag;
    Location location;
};

void collect(const Node &node, std::vector<std::string> &path, std::vector<Tagged> &found) {
    for (const Member &member : node.members) {
        const Node &value = member.value;
        path.push_back(member.key);
        if (value.tag != MergeTag::none)
            found.push_back({path, value.tag, value.location});
        else
            collect(value, path, found);
        path.pop_back();
    }
}

void restore(Node &node, std::span<const std::string> path, const Tagged &tagged) {
    Node *value = node.find(path.front());
    if (path.size() > 1) {
        if (value != nullptr)
            restore(*value, path.subspan(1), tagged);
        return;
    }
    if (tagged.tag == MergeTag::reset && node.is_mapping())
        value = &node.set(path.front(), Node::null(tagged.location), tagged.location);
    if (value != nullptr)
        value->tag = tagged.tag;
}

} // namespace

void merge_keeping_tags(Node &base, Node over, Diagnostics &diagnostics, Values values) {
    std::vector<std::string> path;
    std::vector<Tagged> tags;
    collect(over, path, tags);
    merge(base, std::move(over), diagnostics, values);
    for (const Tagged &each : tags)
        restore(base, each.path, each);
}

void drop_tags(Node &node) {
    node.tag = MergeTag::none;
    std::erase_if(node.items, [](const Node &item) { return item.tag == MergeTag::reset; });
    std::erase_if(node.members, [](const Member &member) { return member.value.tag == MergeTag::reset; });
    for (Node &item : node.items)
        drop_tags(item);
    for (Member &member : node.members)
        drop_tags(member.value);
}

} // namespace compose
