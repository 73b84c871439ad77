// How a string is written in YAML: plain, 'single', "double" or as a literal block, as Go's YAML library
// chooses. Pure.
#pragma once

#include <string>
#include <string_view>

namespace compose {

enum class ScalarStyle { plain, single_quoted, double_quoted, literal };

// `key` stands for a mapping's key, which has no block form.
[[nodiscard]] ScalarStyle scalar_style(std::string_view text, bool key);

// The text in this style; for literal the header and the indented lines, without the last line break.
[[nodiscard]] std::string write_scalar(std::string_view text, ScalarStyle style, std::size_t indent);

} // namespace compose
