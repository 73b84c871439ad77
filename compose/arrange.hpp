// Order and omission: attributes in the order of the table, user-defined keys by name, values that say
// nothing left out. Two ways to write the same thing come out equal.
#pragma once

#include "compose/attributes.hpp"
#include "compose/node.hpp"

namespace compose {

void arrange(Node &node, const Rule &rule);

} // namespace compose
