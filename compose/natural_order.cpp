#include "compose/natural_order.hpp"

#include <cctype>
#include <cstddef>
#include <cstdint>

namespace compose {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

struct Number {
    std::uint64_t value; // 0 when there is no digit
    std::size_t end;
};

Number number_at(std::string_view text, std::size_t at, std::uint64_t start) {
    Number number{start, at};
    for (; number.end < text.size() && is_digit(text[number.end]); ++number.end)
        number.value = number.value * 10 + static_cast<std::uint64_t>(text[number.end] - '0');
    return number;
}

// Whether the digits that both texts share before `at` hold more than zeros.
bool continues_number(std::string_view text, std::size_t at) {
    while (at > 0 && is_digit(text[at - 1]))
        if (text[--at] != '0')
            return true;
    return false;
}

} // namespace

bool natural_less(std::string_view a, std::string_view b) {
    std::size_t at = 0;
    while (at < a.size() && at < b.size() && a[at] == b[at])
        ++at;
    if (at == a.size() || at == b.size())
        return a.size() < b.size();

    const bool after_digit = at > 0 && is_digit(a[at - 1]);
    const bool letter_a = is_letter(a[at]);
    const bool letter_b = is_letter(b[at]);
    if (letter_a != letter_b)
        return after_digit ? letter_a : letter_b;
    if (!letter_a) {
        const bool zero = a[at] == '0' || b[at] == '0';
        const std::uint64_t start = zero && continues_number(a, at) ? 1 : 0;
        const Number left = number_at(a, at, start);
        const Number right = number_at(b, at, start);
        if (left.value != right.value)
            return left.value < right.value;
        if (left.end != right.end)
            return left.end < right.end;
    }
    return static_cast<unsigned char>(a[at]) < static_cast<unsigned char>(b[at]);
}

} // namespace compose
