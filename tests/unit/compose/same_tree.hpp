// Two trees are the same, with every place, tag and the order of keys.
#pragma once

#include "compose/node.hpp"

#include <algorithm>

namespace compose::test {

inline bool same_tree(const Location &a, const Location &b) {
    return a.source == b.source && a.line == b.line && a.column == b.column;
}

inline bool same_tree(const Node &a, const Node &b) {
    return a.kind == b.kind && a.tag == b.tag && a.quoted == b.quoted && a.text == b.text
           && same_tree(a.location, b.location)
           && std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                         [](const Node &x, const Node &y) { return same_tree(x, y); })
           && std::equal(a.members.begin(), a.members.end(), b.members.begin(), b.members.end(),
                         [](const Member &x, const Member &y) {
                             return x.key == y.key && same_tree(x.key_location, y.key_location)
                                    && same_tree(x.value, y.value);
                         });
}

} // namespace compose::test
