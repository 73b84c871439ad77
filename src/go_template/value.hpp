// What values are as text, as truth, and to each other: Go's rules for the types that JSON has. Pure.
#pragma once

#include "base/json.hpp"

#include <compare>
#include <optional>
#include <string>

namespace go_template {

using Value = base::Json;

// Longer texts are not made: a template must not eat the memory.
inline constexpr std::size_t longest_text = std::size_t{1} << 20;

// The name of its type in Go: "string", "int", "float64", "bool", "nil", "list", "map".
[[nodiscard]] std::string type_of(const Value &value);

// Not empty, zero, false or nothing.
[[nodiscard]] bool is_true(const Value &value);

// As {{.}} prints it: lists as [a b], objects as map[a:1 b:2] by their keys, nothing as "<no value>".
[[nodiscard]] std::string text_of(const Value &value);
// As print and printf have it: nothing is "<nil>", otherwise the same.
[[nodiscard]] std::string printed(const Value &value);

// As JSON, without methods.
[[nodiscard]] Value without_methods(const Value &value);

// Of numbers, texts and truths with their like; nullopt for others.
[[nodiscard]] std::optional<std::partial_ordering> compare(const Value &left, const Value &right);

} // namespace go_template
