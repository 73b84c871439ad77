// The patterns of ${v#pattern} and its kin: "?" is one character, "*" any number of them, neither of them a
// line break; a backslash takes "?", "*" and itself literally. Pure; the time is linear in the length of the
// value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace build {

class TextPattern {
  public:
    // @throws base::Error for a backslash before anything else, and for a pattern beyond any use.
    explicit TextPattern(std::string_view pattern);

    enum class Reach { shortest, longest };

    // value without the match at its begin or end; as it is when there is none.
    [[nodiscard]] std::string without_prefix(std::string_view value, Reach reach) const;
    [[nodiscard]] std::string without_suffix(std::string_view value, Reach reach) const;

    enum class Which { first, all };

    // With the leftmost longest match, or all of them one after the other, replaced; no longer than limit
    // bytes.
    // @throws base::Error beyond it.
    [[nodiscard]] std::string replace(std::string_view value, std::string_view by, Which which,
                                      std::size_t limit) const;

  private:
    using Piece = std::u32string; // between two stars, with any_character for "?"

    std::vector<Piece> pieces_; // one more than there are stars
};

} // namespace build
