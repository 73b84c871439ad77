// YAML as JSON, for what is written in either.
#pragma once

#include "base/json.hpp"

#include <string>

namespace container {

// Numbers, true, false and null are what YAML 1.1 takes them for, so that 0660 is octal; everything else is
// text. Aliases are followed; what they come to is bounded. @throws base::Error naming file, line and column.
[[nodiscard]] base::Json json_of_yaml(const std::string &text, const std::string &file);

} // namespace container
