// Go's fmt.Sprintf for the types that JSON has. Pure.
#pragma once

#include "go_template/value.hpp"

#include <string>
#include <vector>

namespace go_template {

// Verbs v s q d x X o b c t f e g and %%, with the flags - + 0 and blank, width and precision. A verb that
// does not fit is shown, not refused, as in Go: "%!d(string=hi)". @throws BadCall for what would grow too
// long.
[[nodiscard]] std::string formatted(const std::string &format, const std::vector<Value> &arguments);

// In double quotes, with escapes.
[[nodiscard]] std::string quoted(const std::string &text);

} // namespace go_template
