// "Did you mean": the known word nearest to what was written. Pure and cheap: words are short.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

// The number of insertions, deletions, substitutions and swaps of neighbours that turn a into b, or nullopt
// when it is more than limit.
[[nodiscard]] std::optional<std::size_t> edit_distance(std::string_view a, std::string_view b,
                                                       std::size_t limit);

// The candidate nearest to word, letter case and the difference between - and _ counting little. nullopt when
// none is near enough to be what was meant; the first of equals.
[[nodiscard]] std::optional<std::string> nearest(std::string_view word,
                                                 const std::vector<std::string> &candidates);

// `did you mean "image"?`, or "" when nothing is near.
[[nodiscard]] std::string did_you_mean(std::string_view word, const std::vector<std::string> &candidates);

} // namespace base
