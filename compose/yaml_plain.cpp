#include "compose/yaml_plain.hpp"

#include "compose/scalar.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace compose {

namespace {

constexpr std::string_view old_booleans[] = {"y", "Y", "yes", "Yes", "YES", "on",  "On",  "ON",
                                             "n", "N", "no",  "No",  "NO",  "off", "Off", "OFF"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Takes between least and most digits from the front.
bool take_digits(std::string_view &text, std::size_t least, std::size_t most) {
    std::size_t count = 0;
    while (count < text.size() && count < most && is_digit(text[count]))
        ++count;
    text.remove_prefix(count);
    return count >= least;
}

bool take(std::string_view &text, std::string_view any) {
    if (text.empty() || any.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

// [-+]? D [D_]* ( : [0-5]? D )+ ( . [D_]* )?
bool is_base_60(std::string_view text) {
    take(text, "+-");
    if (text.empty() || !is_digit(text.front()))
        return false;
    text.remove_prefix(std::min(text.find_first_not_of("0123456789_"), text.size()));
    if (text.empty() || text.front() != ':')
        return false;
    while (take(text, ":")) {
        const bool two = text.size() > 1 && text[0] >= '0' && text[0] <= '5' && is_digit(text[1]);
        if (!take_digits(text, 1, two ? 2 : 1))
            return false;
    }
    if (take(text, "."))
        text.remove_prefix(std::min(text.find_first_not_of("0123456789_"), text.size()));
    return text.empty();
}

// YYYY-M-D, with an optional time of day and zone.
bool is_timestamp(std::string_view text) {
    if (!take_digits(text, 4, 4) || !take(text, "-") || !take_digits(text, 1, 2) || !take(text, "-")
        || !take_digits(text, 1, 2))
        return false;
    if (text.empty())
        return true;
    if (!take(text, "Tt ") || !take_digits(text, 1, 2) || !take(text, ":") || !take_digits(text, 1, 2)
        || !take(text, ":") || !take_digits(text, 1, 2))
        return false;
    if (take(text, "."))
        take_digits(text, 0, text.size());
    if (text.empty() || text == "Z")
        return true;
    return take(text, "+-") && take_digits(text, 2, 2) && take(text, ":") && take_digits(text, 2, 2)
           && text.empty();
}

// Digits may be grouped by _ in YAML 1.1.
bool is_grouped_number(std::string_view text) {
    if (text.find('_') == std::string_view::npos
        || (!is_digit(text.front()) && text.front() != '-' && text.front() != '+'))
        return false;
    std::string digits(text);
    std::erase(digits, '_');
    return resolve_plain_scalar(digits) == Kind::integer || resolve_plain_scalar(digits) == Kind::real;
}

} // namespace

bool reads_as_other_type(std::string_view text) {
    // The words for null and booleans begin with one of these letters, and all else with no letter.
    const char first = text.empty() ? '\0' : text.front();
    const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z');
    if (letter && std::string_view("nNtTfFyYoO").find(first) == std::string_view::npos)
        return false;
    if (first == '/')
        return false;
    return resolve_plain_scalar(text) != Kind::string
           || std::find(std::begin(old_booleans), std::end(old_booleans), text) != std::end(old_booleans)
           || is_base_60(text) || is_timestamp(text) || is_grouped_number(text);
}

} // namespace compose
