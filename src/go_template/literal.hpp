// Numbers and texts as Go writes them. Pure.
#pragma once

#include "base/json.hpp"

#include <optional>
#include <string_view>

namespace go_template {

// Decimal, 0x, 0o, 0b, with "_" between digits; a float where it has a point or an exponent. nullopt for
// anything else, and for what is out of range.
[[nodiscard]] std::optional<base::Json> parse_number(std::string_view text);

// What is between quotes: "..." with escapes, `...` as it is, '.' one character, which is its number.
[[nodiscard]] std::optional<base::Json> parse_quoted(std::string_view inside, char quote);

} // namespace go_template
