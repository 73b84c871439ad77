// The variables a model names, as `config --variables` prints them. Pure.
#pragma once

#include "compose/expand.hpp"
#include "compose/node.hpp"

#include <map>
#include <string>

namespace compose {

using Variables = std::map<std::string, VariableUse>;

// Of values, not of keys, which are not interpolated. Of a variable that is used several times, the last use
// that says more than its name.
[[nodiscard]] Variables variables_of(const Node &model);

[[nodiscard]] std::string render_variables_yaml(const Variables &variables);
[[nodiscard]] std::string render_variables_json(const Variables &variables);

} // namespace compose
