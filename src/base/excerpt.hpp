// The source line of a location with a caret under its column, as diagnostics show it.
#pragma once

#include "base/source.hpp"

#include <string>

namespace base {

// Two lines, each ending in a newline; "" when the location has no line. Tabs and wide characters keep the
// caret in place, control characters cannot reach the terminal, and a very long line is cut around the
// column.
[[nodiscard]] std::string excerpt(const Location &location);

} // namespace base
