#include "compose/scalar.hpp"

#include <algorithm>
#include <charconv>

namespace compose {

namespace {

constexpr std::string_view nulls[] = {"", "~", "null", "Null", "NULL"};
constexpr std::string_view booleans[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
constexpr std::string_view specials[] = {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"};

template <std::size_t N>
bool one_of(const std::string_view (&words)[N], std::string_view text) {
    return std::find(std::begin(words), std::end(words), text) != std::end(words);
}

std::string_view without_sign(std::string_view text) {
    if (!text.empty() && (text.front() == '-' || text.front() == '+'))
        text.remove_prefix(1);
    return text;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t at) {
    std::size_t count = 0;
    while (at + count < text.size() && is_digit(text[at + count]))
        ++count;
    return count;
}

// [-+]? ( .D+ | D+ [. D*] ) ( [eE] [-+]? D+ )?
bool is_real(std::string_view text) {
    text = without_sign(text);
    const std::size_t whole = digits_at(text, 0);
    std::size_t at = whole;
    if (at < text.size() && text[at] == '.') {
        const std::size_t fraction = digits_at(text, ++at);
        if (whole == 0 && fraction == 0)
            return false;
        at += fraction;
    } else if (whole == 0) {
        return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+'))
            ++at;
        const std::size_t exponent = digits_at(text, at);
        if (exponent == 0)
            return false;
        at += exponent;
    }
    return at == text.size();
}

} // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    std::string_view digits = without_sign(text);
    int base = 10;
    if (digits.size() > 1 && digits[0] == '0') {
        const char mark = digits[1];
        base = mark == 'x' || mark == 'X' ? 16 : mark == 'b' || mark == 'B' ? 2 : 8;
        const bool marked = base != 8 || mark == 'o' || mark == 'O';
        digits.remove_prefix(marked ? 2 : 1);
    }
    std::uint64_t value = 0;
    const char *end = digits.data() + digits.size();
    const auto [stopped, error] = std::from_chars(digits.data(), end, value, base);
    if (digits.empty() || error != std::errc() || stopped != end)
        return std::nullopt;
    constexpr std::uint64_t largest = INT64_MAX;
    if (value > largest + (negative ? 1 : 0))
        return std::nullopt;
    return static_cast<std::int64_t>(negative ? 0 - value : value);
}

Kind resolve_plain_scalar(std::string_view text) {
    switch (text.empty() ? '~' : text.front()) {
    case '~':
    case 'n':
    case 'N':
        return one_of(nulls, text) ? Kind::null : Kind::string;
    case 't':
    case 'T':
    case 'f':
    case 'F':
        return one_of(booleans, text) ? Kind::boolean : Kind::string;
    case '+':
    case '-':
    case '.':
        break;
    default:
        if (!is_digit(text.front()))
            return Kind::string;
    }
    if (parse_integer(text))
        return Kind::integer;
    if (is_real(text) || one_of(specials, without_sign(text)))
        return Kind::real;
    return Kind::string;
}

} // namespace compose
