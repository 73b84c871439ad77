#include "compose/yaml_line.hpp"

#include <algorithm>

namespace compose {

namespace {

bool is_name_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

// Inlined, for string_view::find calls memchr(3) even for so few letters.
template <std::size_t N>
bool is_any_of(const char (&letters)[N], char c) {
    for (std::size_t index = 0; index + 1 < N; ++index)
        if (letters[index] == c)
            return true;
    return false;
}

} // namespace

void YamlLines::next() {
    for (bool first = line_ < 0; begin_ < text_.size(); first = false) {
        begin_ = first ? 0 : end_ + 1;
        ++line_;
        if (begin_ >= text_.size()) {
            at_ = end_ = begin_ = text_.size();
            indent_ = 0;
            return;
        }
        end_ = std::min(text_.find('\n', begin_), text_.size());
        at_ = std::min(text_.find_first_not_of(' ', begin_), end_);
        indent_ = at_ - begin_;
        const std::string_view line = text_.substr(begin_, end_ - begin_);
        if (line.find('\t') != std::string_view::npos || line.find('\r') != std::string_view::npos
            || line.starts_with("---") || line.starts_with("...") || line.starts_with('%'))
            throw NotCommon{};
        if (at_ < end_ && text_[at_] != '#')
            return;
    }
}

YAML::Mark YamlLines::mark() const {
    YAML::Mark mark;
    mark.pos = static_cast<int>(at_);
    mark.line = line_;
    mark.column = static_cast<int>(column());
    return mark;
}

bool YamlLines::holds_key() const {
    YamlLines ahead = *this;
    if (is_any_of("[{*", peek()))
        return false;
    (void)ahead.scalar(Context::block);
    return ahead.peek() == ':';
}

bool YamlLines::line_is_over() const {
    const std::size_t rest = text_.find_first_not_of(' ', at_);
    return rest >= end_ || (text_[rest] == '#' && rest > begin_ && text_[rest - 1] == ' ');
}

void YamlLines::take(char letter) {
    if (peek() != letter)
        throw NotCommon{};
    ++at_;
}

void YamlLines::skip_blanks() {
    while (peek() == ' ')
        ++at_;
}

std::string YamlLines::name() {
    const std::size_t begin = at_;
    while (is_name_letter(peek()))
        ++at_;
    if (at_ == begin || !(at_blank_or_break() || is_any_of(",]}", peek())))
        throw NotCommon{};
    return std::string(text_.substr(begin, at_ - begin));
}

Scalar YamlLines::scalar(Context context) {
    if (peek() == '\'')
        return {single_quoted(), true};
    if (peek() == '"')
        return {double_quoted(), true};
    return {plain(context), false};
}

std::string YamlLines::single_quoted() {
    take('\'');
    std::string out;
    for (; peek() != '\''; ++at_) {
        if (peek() == '\n')
            throw NotCommon{};
        out += peek();
    }
    take('\'');
    if (peek() == '\'')
        throw NotCommon{}; // a quote within
    return out;
}

std::string YamlLines::double_quoted() {
    take('"');
    const std::size_t begin = at_;
    while (!is_any_of("\"\\\n", peek()))
        ++at_;
    const std::size_t end = at_;
    take('"');
    return std::string(text_.substr(begin, end - begin));
}

// Ends before what ends it: blanks, ": ", a comment, in flow context also "," and brackets.
std::string YamlLines::plain(Context context) {
    const bool flow = context == Context::flow;
    const char first = peek();
    if (is_any_of(" \n,[]{}#&*!|>'\"%@`?:", first) || (first == '-' && !is_name_letter(peek(1))))
        throw NotCommon{};
    const std::size_t begin = at_;
    std::size_t past = at_; // the last letter that is no blank
    for (; peek() != '\n'; ++at_) {
        const char letter = peek();
        const char after = peek(1);
        const bool colon =
            letter == ':' && (after == ' ' || after == '\n' || (flow && is_any_of(",]}", after)));
        if (colon || (letter == '#' && text_[at_ - 1] == ' ') || (flow && is_any_of(",?[]{}", letter)))
            break;
        if (letter != ' ')
            past = at_ + 1;
    }
    if (flow && is_any_of("?[{\n", peek()))
        throw NotCommon{};
    at_ = past;
    return std::string(text_.substr(begin, past - begin));
}

} // namespace compose
