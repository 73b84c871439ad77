// How each attribute merges: one row per attribute, by path pattern.
#pragma once

#include "compose/node.hpp"

#include <string>
#include <vector>

namespace compose {

enum class MergeMethod {
    deep,       // mappings by key, lists appended, scalars replaced; null keeps what was there
    replace,    // as a whole
    mappings,   // deep where both are mappings, else as a whole
    scalars,    // a mapping of scalars where null is a value like others (environment, labels)
    keyed,      // a list whose items have a key; an item replaces the one with its key
    keyed_deep, // likewise, but the two items are merged
    logging,    // options merge only when the driver stays the same
};

struct MergeRule {
    const char *pattern; // "services.*.ports"; * is any key
    MergeMethod method;
    // keyed: the key of an item, "" for one that is like no other. nullptr: its text.
    std::string (*key)(const Node &item) = nullptr;
};

// The rule for a path; deep where the table has none.
[[nodiscard]] const MergeRule &merge_rule(const std::vector<std::string> &path);

} // namespace compose
