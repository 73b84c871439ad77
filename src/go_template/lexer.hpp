// A template as pieces of text and actions, and an action as tokens. Pure.
#pragma once

#include "base/json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace go_template {

struct Token {
    enum class Kind {
        end,
        word,     // text: a keyword or the name of a function
        dot,      // "."
        field,    // text: the name behind "."
        variable, // text: with its "$"
        literal,  // value
        pipe,
        open,
        close,
        comma,
        assign,  // =
        declare, // :=
    };
    Kind kind = Kind::end;
    std::string text;
    base::Json value;
    std::size_t offset = 0;
    bool spaced = false; // white space is before it
};

struct Piece {
    bool is_action = false;
    std::string text;          // white space trimmed where its neighbours ask for it
    std::size_t offset = 0;    // of an action's first byte behind "{{"
    std::vector<Token> tokens; // of an action, the last one is `end`
};

// Comments are left out. @throws base::Error.
[[nodiscard]] std::vector<Piece> split(std::string_view text);

} // namespace go_template
