// Puts one file over what the files before it gave, by the rules of 13-merge.md and Docker Compose. Both
// sides are in canonical form, so that an attribute has one shape.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/node.hpp"
#include "compose/phases.hpp"

namespace compose {

// `base` is a mapping, empty before the first file. Afterwards it has no tags: !reset removed what it marks,
// !override replaced it. A value that replaced another has the other's location among its origins. Lists
// whose items have a key (ports, volumes, ...) have one item per key, also when a single file repeats it.
// Pairs that are as written (config --no-interpolate) become a list where two files give them, as in Docker
// Compose.
void merge(Node &base, Node file, Diagnostics &diagnostics, Values values = Values::interpolated);

// The same for two definitions of one file, of which `over` is the file's own: its tags stay, for the merge
// onto the files before it. What !reset marks is then a null with that tag.
void merge_keeping_tags(Node &base, Node over, Diagnostics &diagnostics,
                        Values values = Values::interpolated);

// The value without tags: what !reset marks is left out.
void drop_tags(Node &node);

} // namespace compose
