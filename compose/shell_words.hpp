// A command line in words, quoted as in a shell but not run through one, as Docker Compose splits the string
// forms of command and entrypoint.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace compose {

struct ShellWords {
    std::vector<std::string> words;
    // Where splitting stopped at an unquoted ; & | < or >: what follows is dropped.
    std::optional<std::size_t> cut;
};

// nullopt when a quote or a parenthesis isn't closed, or the line ends in a backslash.
[[nodiscard]] std::optional<ShellWords> split_shell_words(std::string_view line);

} // namespace compose
