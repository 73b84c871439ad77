// Variables in one text: $V, ${V}, ${V:-d}, ${V-d}, ${V:?m}, ${V?m}, ${V:+r}, ${V+r}, nested, and $$ for a
// dollar. A "$" before anything but a name, "{" or "$" stays as it is, as in Docker Compose. Pure.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace compose {

// The value of a variable, or nullptr when it is not set.
using Lookup = std::function<const std::string *(const std::string &name)>;

struct ExpansionProblem {
    enum class Kind {
        unset,    // taken as empty
        required, // message is the text after "?"
        invalid,  // message says what is wrong with the form
        too_long, // the result passes the limit; expansion stopped
    };
    Kind kind;
    std::size_t offset; // of the "$" in the text
    std::string name;
    std::string message;
};

struct Expansion {
    std::string text;
    std::vector<ExpansionProblem> problems;
};

// No result is longer than `limit` bytes.
[[nodiscard]] Expansion expand(std::string_view text, const Lookup &lookup, std::size_t limit);

// A variable that a text names, also within the default or alternative of another.
struct VariableUse {
    std::string name;
    bool required = false;      // ${V:?} or ${V?}
    std::string default_value;  // of ${V:-d} or ${V-d}, as written
    std::string presence_value; // of ${V:+r} or ${V+r}, as written
};

[[nodiscard]] std::vector<VariableUse> variables_in(std::string_view text);

// text with every "$" doubled: how to write it so that it stays what it is.
[[nodiscard]] std::string escape_dollars(std::string_view text);

} // namespace compose
