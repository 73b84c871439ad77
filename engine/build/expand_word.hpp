// Variables, quotes and escapes in the words of a Dockerfile: $v, ${v}, ${v:-w}, ${v-w}, ${v:+w}, ${v+w},
// ${v:?m},
// ${v?m}, ${v#p}, ${v##p}, ${v%p}, ${v%%p}, ${v/p/r}, ${v//p/r}; words in them are expanded too. Pure.
// Names are letters of ASCII, digits and "_", or one of the shell's special characters (never set).
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace build {

// The value of a variable, or nullptr when it is not set.
using Variables = std::function<const std::string *(const std::string &name)>;

struct WordRules {
    enum class Quotes {
        removed, // as in a shell: '...' literally, "..." with variables
        kept,    // understood, and left where they are
        plain,   // characters like any other, as in a here-document
    };
    char escape = '\\';
    Quotes quotes = Quotes::removed;
    bool keep_escapes = false;
    bool keep_unset = false; // "$v" stays "$v" when v is not set
    // What the result may come to, in bytes: Linux takes no argument and no variable beyond it
    // (MAX_ARG_STRLEN).
    std::size_t limit = std::size_t{128} << 10;
};

struct Variable {
    std::string name;
    std::size_t offset; // of its "$" in the word
};

struct ExpandedWord {
    std::string text;
    std::vector<std::string> words; // text, split at white space that is neither quoted nor escaped
    std::vector<Variable> set;      // those used that are set
    std::vector<Variable> unset;    // and that are not, none of them with a default: see ${v:-w}

    struct Problem {
        std::string message;
        std::size_t offset;
    };

    std::optional<Problem> problem; // expansion stopped there
};

[[nodiscard]] ExpandedWord expand_word(std::string_view word, const Variables &variables,
                                       const WordRules &rules = {});

} // namespace build
