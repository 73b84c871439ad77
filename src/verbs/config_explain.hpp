// What `config --explain PATH` prints: one value with the lines that gave it, or a table of all values below
// a path.
#pragma once

#include "compose/load.hpp"

#include <string>

namespace cli {

// @throws base::Error when the model has no such path.
[[nodiscard]] std::string explained(const compose::Loaded &loaded, const std::string &path, bool colour);

} // namespace cli
