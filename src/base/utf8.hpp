// UTF-8 as far as checking and showing source text needs it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace base {

struct Utf8Char {
    std::uint32_t code = 0;
    std::size_t size = 1; // bytes to skip, at least one
    bool valid = false;   // false for broken, overlong and surrogate encodings
};

// The character text begins with; text is not empty.
[[nodiscard]] Utf8Char utf8_decode(std::string_view text);

// position, moved back to where a character begins.
[[nodiscard]] std::size_t utf8_boundary(std::string_view text, std::size_t position);

// Columns a terminal gives to the character: 0 for combining marks, 2 for East Asian wide and emoji, else 1.
[[nodiscard]] std::size_t display_width(std::uint32_t code);

} // namespace base
