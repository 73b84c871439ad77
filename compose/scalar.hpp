// What a plain (unquoted) YAML scalar is: the YAML 1.2 core schema as Docker Compose's YAML library reads it.
// yes, no, on, off, 22:22, 1_000 and dates are strings.
#pragma once

#include "compose/node.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace compose {

[[nodiscard]] Kind resolve_plain_scalar(std::string_view text);

// Decimal, 0x1f, 0o17, 0b11 and, as in YAML 1.1, 017; with an optional sign. nullopt when it is none of these
// or does not fit.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

} // namespace compose
