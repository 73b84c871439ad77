// Patterns of paths: Go's filepath.Match, and the dialect of .dockerignore that has "**" besides. Pure; a
// match takes time linear in pattern times path.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace build {

class PathPattern {
  public:
    enum class Dialect {
        match,  // "*" and "?" stop at "/"; "[a-z]", "[^a]"; a backslash takes the next character literally
        ignore, // and "**/" is any number of directories, none included, "**" at the end everything
    };

    // @throws base::Error that says what is wrong with the pattern.
    PathPattern(std::string_view pattern, Dialect dialect);

    // The whole path.
    [[nodiscard]] bool matches(std::string_view path) const;

    // Whether a path may begin with this directory and match.
    [[nodiscard]] bool may_match_below(std::string_view directory) const;

  private:
    struct Range {
        std::uint32_t first, last;
    };

    struct Token {
        enum class Kind { letter, any, class_, star, directories, everything };
        Kind kind;
        std::uint32_t letter = 0;
        bool negated = false;
        std::vector<Range> ranges = {};
    };

    void read_class(std::string_view pattern, std::size_t &at);
    static bool accepts(const Token &token, std::uint32_t letter);
    // The states (tokens passed) that are reached behind the text.
    [[nodiscard]] std::vector<bool> run(std::string_view text) const;

    std::vector<Token> tokens_;
};

} // namespace build
