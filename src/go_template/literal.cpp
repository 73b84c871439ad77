#include "go_template/literal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace go_template {

namespace {

constexpr std::uint32_t largest_character = 0x10ffff;

void append_character(std::string &text, std::uint32_t code) {
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xc0 | code >> 6);
        text += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        text += static_cast<char>(0xe0 | code >> 12);
        text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        text += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        text += static_cast<char>(0xf0 | code >> 18);
        text += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        text += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        text += static_cast<char>(0x80 | (code & 0x3f));
    }
}

std::optional<std::uint32_t> number_of(std::string_view digits, int base) {
    std::uint32_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    return !digits.empty() && read.ec == std::errc() && read.ptr == digits.data() + digits.size()
               ? std::optional(value)
               : std::nullopt;
}

// Behind a backslash; takes what it is from `rest`. False when it is none.
bool append_escape(std::string &text, std::string_view &rest) {
    if (rest.empty())
        return false;
    const char kind = rest.front();
    constexpr std::string_view names = "abfnrtv\\'\"";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\'\"";
    if (const std::size_t found = names.find(kind); found != std::string_view::npos) {
        text += meanings[found];
        rest.remove_prefix(1);
        return true;
    }
    const bool octal = kind >= '0' && kind <= '7';
    const std::size_t length = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 3;
    if (!octal && kind != 'x' && kind != 'u' && kind != 'U')
        return false;
    if (!octal)
        rest.remove_prefix(1);
    const auto code = number_of(rest.substr(0, length), octal ? 8 : 16);
    if (rest.size() < length || !code)
        return false;
    rest.remove_prefix(length);
    if (octal || kind == 'x') {
        text += static_cast<char>(*code);
        return *code <= 0xff;
    }
    append_character(text, std::min(*code, largest_character));
    return *code <= largest_character && (*code < 0xd800 || *code > 0xdfff);
}

std::optional<std::string> unescaped(std::string_view inside) {
    std::string text;
    while (!inside.empty()) {
        const char c = inside.front();
        inside.remove_prefix(1);
        if (c != '\\')
            text += c;
        else if (!append_escape(text, inside))
            return std::nullopt;
    }
    return text;
}

// The number of the one character that the text is.
std::optional<base::Json> as_character(const std::string &text) {
    if (text.empty())
        return std::nullopt;
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (text.size() != length)
        return std::nullopt;
    std::uint32_t code = length == 1 ? first : first & (0xffU >> (length + 1));
    for (std::size_t at = 1; at < length; ++at)
        code = code << 6 | (static_cast<unsigned char>(text[at]) & 0x3f);
    return base::Json(static_cast<std::int64_t>(code));
}

std::optional<base::Json> parse_float(const char *begin, const char *end, bool negative) {
    double value = 0;
    const auto read = std::from_chars(begin, end, value);
    if (read.ec != std::errc() || read.ptr != end)
        return std::nullopt;
    return base::Json(negative ? -value : value);
}

} // namespace

std::optional<base::Json> parse_number(std::string_view text) {
    std::string digits(text);
    const bool negative = digits.starts_with('-');
    if (negative || digits.starts_with('+'))
        digits.erase(0, 1);
    if (digits.starts_with('_') || digits.ends_with('_') || digits.find("__") != std::string::npos)
        return std::nullopt;
    std::erase(digits, '_');
    int base = 10;
    if (digits.size() > 2 && digits[0] == '0') {
        const char kind = static_cast<char>(digits[1] | 0x20);
        base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
    }
    const char *begin = digits.data() + (base == 10 ? 0 : 2);
    const char *end = digits.data() + digits.size();
    if (base == 10 && digits.find_first_of(".eE") != std::string::npos)
        return parse_float(begin, end, negative);
    std::uint64_t value = 0;
    const auto read = std::from_chars(begin, end, value, base);
    constexpr std::uint64_t largest = INT64_MAX;
    if (begin == end || read.ec != std::errc() || read.ptr != end || value > largest)
        return std::nullopt;
    return base::Json(negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value));
}

std::optional<base::Json> parse_quoted(std::string_view inside, char quote) {
    if (quote == '`')
        return base::Json(std::string(inside));
    auto text = unescaped(inside);
    if (!text)
        return std::nullopt;
    return quote == '\'' ? as_character(*text) : std::optional<base::Json>(*std::move(text));
}

} // namespace go_template
