// Scalars read as what an attribute wants, whether they were written plain or quoted, and written as Docker
// Compose writes them. Pure; nullopt is "not one of these".
#pragma once

#include "compose/attributes.hpp"
#include "compose/node.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace compose {

[[nodiscard]] std::optional<bool> read_boolean(const Node &node);
[[nodiscard]] std::optional<std::int64_t> read_integer(const Node &node);
[[nodiscard]] std::optional<double> read_number(const Node &node);
// "64m", 1024; -1 stands for unlimited.
[[nodiscard]] std::optional<std::int64_t> read_bytes(const Node &node);
[[nodiscard]] std::optional<std::chrono::nanoseconds> read_duration(const Node &node);
// A number as it is (YAML reads 0440 as octal), a string by its octal digits.
[[nodiscard]] std::optional<std::int64_t> read_octal(const Node &node);

// The text of a scalar where a string is wanted: 1.50 is "1.5" and 0x1F "31", as Docker Compose passes them.
[[nodiscard]] std::string scalar_text(const Node &node);

// "0.5", "1e+07": the shortest digits that read back the same, laid out as Go does.
[[nodiscard]] std::string format_number(double value);

// The canonical form of a scalar of this type; the node itself when it cannot be read as one.
[[nodiscard]] Node cast(Node node, Type type);

// Text that interpolation has not replaced yet (config --no-interpolate) can be anything.
[[nodiscard]] bool is_unresolved(const Node &node);

} // namespace compose
