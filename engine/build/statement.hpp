// An instruction taken apart: its name, its flags and the rest, each with its place. Pure.
#pragma once

#include "engine/build/instruction.hpp"
#include "engine/build/line_reader.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace build {

// A part of a line; offset is where it begins there.
struct Part {
    std::string text;
    std::size_t offset = 0;
};

struct Statement {
    std::string name; // as written
    std::size_t name_offset = 0;
    std::vector<Part> flags; // "--name=value" without quotes
    Part rest;               // trimmed
};

// The instruction that begins at `offset` of the line; flags are only what precedes everything else, and "--"
// ends them.
[[nodiscard]] Statement take_apart(std::string_view line, std::size_t offset, char escape);

// What white space separates, quoted or escaped white space excepted. Quotes and escapes stay.
[[nodiscard]] std::vector<Part> quoted_words(const Part &text, char escape);
// What white space separates.
[[nodiscard]] std::vector<Part> plain_words(const Part &text);

struct JsonWords {
    std::vector<Part> words;
    bool only_strings = true; // false: it is an array, and something in it is no string
};

// The words of a JSON array, nullopt when the text is none (and so the shell form).
[[nodiscard]] std::optional<JsonWords> json_words(const Part &text);

} // namespace build
