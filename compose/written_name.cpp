#include "compose/written_name.hpp"

namespace compose {

namespace {

constexpr std::string_view blanks = " \t";

bool is_word(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z')
           || (letter >= '0' && letter <= '9') || letter == '_' || letter == '-';
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

struct Line {
    std::string_view key;
    std::string_view value; // with its comment
};

std::optional<Line> parse_line(std::string_view line) {
    std::size_t end = 0;
    while (end < line.size() && (is_word(line[end]) || line[end] == '.'))
        ++end;
    if (end == 0 || end == line.size() || line[end] != ':')
        return std::nullopt;
    const std::string_view rest = line.substr(end + 1);
    if (!rest.empty() && blanks.find(rest.front()) == std::string_view::npos && rest != "\r")
        return std::nullopt;
    return Line{line.substr(0, end), trimmed(rest)};
}

// A plain or quoted word, then at most a comment.
std::optional<std::string> word_of(std::string_view value) {
    const char quote = value.empty() || is_word(value.front()) ? '\0' : value.front();
    if (quote != '\0' && quote != '"' && quote != '\'')
        return std::nullopt;
    value.remove_prefix(quote == '\0' ? 0 : 1);
    std::size_t end = 0;
    while (end < value.size() && is_word(value[end]))
        ++end;
    const std::string word(value.substr(0, end));
    value.remove_prefix(end);
    if (quote != '\0') {
        if (!value.starts_with(quote))
            return std::nullopt;
        value.remove_prefix(1);
    }
    const bool apart = value.empty() || blanks.find(value.front()) != std::string_view::npos;
    const std::string_view rest = trimmed(value);
    if (word.empty() || !apart || (!rest.empty() && rest.front() != '#'))
        return std::nullopt;
    return word;
}

} // namespace

std::optional<std::string> written_name(std::string_view text) {
    std::string name;
    bool begun = false;
    while (!text.empty()) {
        const auto newline = text.find('\n');
        const std::string_view line = text.substr(0, newline);
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        const std::string_view content = trimmed(line);
        const bool marker = line.starts_with("---") && trimmed(line.substr(3)).empty();
        if (content.empty() || content.front() == '#' || content == "\r" || marker)
            continue;
        if (blanks.find(line.front()) != std::string_view::npos) {
            if (!begun) // the keys of the file are indented themselves
                return std::nullopt;
            continue;
        }
        const auto parsed = parse_line(line);
        if (!parsed)
            return std::nullopt;
        begun = true;
        if (parsed->key != "name")
            continue;
        const auto word = word_of(parsed->value);
        if (!word || !name.empty())
            return std::nullopt;
        name = *word;
    }
    return name;
}

} // namespace compose
