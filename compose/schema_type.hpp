// One value against one row of the table of attributes: its kind, its format, its choices.
#pragma once

#include "compose/attributes.hpp"
#include "compose/diagnostic.hpp"
#include "compose/node.hpp"

#include <string>

namespace compose {

// False, with the error added, when the value is not of the attribute's type: what is below it can't be
// checked then.
bool check_type(const Node &node, const Attribute &attribute, const std::string &path,
                Diagnostics &diagnostics);

// The last part of a path: "ports[0]" of "services.web.ports[0]".
[[nodiscard]] std::string leaf(const std::string &path);

} // namespace compose
