#include "engine/build/heredoc.hpp"

#include "engine/build/expand_word.hpp"
#include "engine/build/text.hpp"

#include <algorithm>
#include <charconv>

namespace build {

namespace {

const std::string *nothing_set(const std::string &) {
    return nullptr;
}

std::ptrdiff_t quotes_in(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char c) { return c == '\'' || c == '"'; });
}

std::vector<std::string> words(std::string_view text, const WordRules &rules) {
    ExpandedWord result = expand_word(text, nothing_set, rules);
    return result.problem ? std::vector<std::string>() : std::move(result.words);
}

} // namespace

std::string Heredoc::text() const {
    if (!strips)
        return content;
    std::string result;
    bool line_begins = true;
    for (const char letter : content) {
        if (line_begins && letter == '\t')
            continue;
        line_begins = letter == '\n';
        result += letter;
    }
    return result;
}

std::optional<Heredoc> heredoc_word(std::string_view word) {
    Heredoc result;
    const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
    std::from_chars(word.data(), word.data() + digits, result.descriptor);
    std::string_view rest = word.substr(digits);
    if (!rest.starts_with("<<"))
        return std::nullopt;
    rest.remove_prefix(2);
    if (rest.starts_with('-')) {
        result.strips = true;
        rest.remove_prefix(1);
    }
    rest = trim_left(rest);
    if (rest.empty() || rest.find('<') != std::string_view::npos)
        return std::nullopt;

    // The escape directive is about the Dockerfile's own lines; this is the shell's syntax.
    const auto bare = words(rest, {.keep_unset = true});
    const auto quoted = words(rest, {.quotes = WordRules::Quotes::kept, .keep_unset = true});
    if (bare.size() != 1 || quoted.size() != 1)
        return std::nullopt;
    result.name = bare.front();
    result.expands = quotes_in(bare.front()) == quotes_in(quoted.front());
    return result;
}

std::vector<Heredoc> heredocs_in(std::string_view line) {
    std::vector<Heredoc> result;
    if (line.find("<<") == std::string_view::npos)
        return result;
    const WordRules rules{.quotes = WordRules::Quotes::kept, .keep_escapes = true, .keep_unset = true};
    for (const std::string &word : words(line, rules))
        if (auto found = heredoc_word(word))
            result.push_back(std::move(*found));
    return result;
}

} // namespace build
