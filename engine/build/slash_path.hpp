// Slash-separated paths as Go's path package treats them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace build {

// The shortest equal path: no "//", ".", inner ".."; "." for nothing. "/.." is "/".
[[nodiscard]] std::string clean_path(std::string_view path);

// path when it is absolute, else below base; clean.
[[nodiscard]] std::string resolve_path(std::string_view base, std::string_view path);

[[nodiscard]] std::vector<std::string> path_parts(std::string_view path);

} // namespace build
