// Pieces to a tree. Pure.
#pragma once

#include "go_template/tree.hpp"

#include <string>

namespace go_template {

// @throws base::Error with the place of what is wrong.
[[nodiscard]] Tree parse(const std::string &text);

} // namespace go_template
