#include "engine/build/statement.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/build/text.hpp"

namespace build {

namespace {

bool is_quote(char c) {
    return c == '\'' || c == '"';
}

// From `at` to the end of the flag; what quotes and escapes hide is taken as it is.
std::string take_flag(std::string_view line, std::size_t &at, char escape) {
    std::string flag;
    char quote = '\0';
    while (at < line.size() && (quote || !space_at(line, at))) {
        const char letter = line[at++];
        if (quote ? letter == quote : is_quote(letter))
            quote = quote ? '\0' : letter;
        else if (letter != escape)
            flag += letter;
        else if (at < line.size())
            flag += line[at++];
    }
    return flag;
}

// Where the quotation that opens at `at` is over.
std::size_t quotation_end(std::string_view text, std::size_t at, char escape) {
    const char quote = text[at++];
    while (at < text.size() && text[at] != quote)
        at += text[at] == escape && quote != '\'' && at + 1 < text.size() ? 2 : 1;
    return at < text.size() ? at + 1 : at;
}

Part part(std::string_view line, std::size_t begin) {
    begin = skip_space(line, begin);
    return {std::string(trim(line.substr(begin))), begin};
}

} // namespace

Statement take_apart(std::string_view line, std::size_t offset, char escape) {
    Statement statement;
    std::size_t at = statement.name_offset = skip_space(line, offset);
    while (at < line.size() && !space_at(line, at))
        ++at;
    statement.name = line.substr(statement.name_offset, at - statement.name_offset);
    while (true) {
        at = skip_space(line, at);
        if (!line.substr(at).starts_with("--"))
            break;
        const std::size_t begin = at;
        std::string flag = take_flag(line, at, escape);
        if (flag == "--")
            break;
        statement.flags.push_back({std::move(flag), begin});
    }
    statement.rest = part(line, at);
    return statement;
}

std::vector<Part> quoted_words(const Part &part, char escape) {
    const std::string_view text = part.text;
    std::vector<Part> words;
    for (std::size_t at = skip_space(text, 0); at < text.size(); at = skip_space(text, at)) {
        const std::size_t begin = at;
        std::string word;
        while (at < text.size() && !space_at(text, at)) {
            std::size_t end = at + 1;
            if (is_quote(text[at]))
                end = quotation_end(text, at, escape);
            else if (text[at] == escape && end < text.size())
                ++end;
            else if (text[at] == escape)
                break; // nothing is left to escape
            word += text.substr(at, end - at);
            at = end;
        }
        if (!word.empty())
            words.push_back({std::move(word), part.offset + begin});
        if (at < text.size() && !space_at(text, at))
            break;
    }
    return words;
}

std::vector<Part> plain_words(const Part &part) {
    const std::string_view text = part.text;
    std::vector<Part> words;
    for (std::size_t at = skip_space(text, 0); at < text.size(); at = skip_space(text, at)) {
        const std::size_t begin = at;
        while (at < text.size() && !space_at(text, at))
            ++at;
        words.push_back({std::string(text.substr(begin, at - begin)), part.offset + begin});
    }
    return words;
}

std::optional<JsonWords> json_words(const Part &part) {
    if (!part.text.starts_with('['))
        return std::nullopt;
    base::Json array;
    try {
        array = base::parse_json(part.text, "the exec form");
    } catch (const base::Error &) {
        return std::nullopt;
    }
    JsonWords result;
    std::size_t at = 0;
    for (const base::Json &element : array) {
        if (!element.is_string()) {
            result.only_strings = false;
            return result;
        }
        at = part.text.find('"', at);
        result.words.push_back({element.get<std::string>(), part.offset + at});
        at = quotation_end(part.text, at, '\\');
    }
    return result;
}

} // namespace build
