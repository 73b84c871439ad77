#include "engine/build/text.hpp"

#include "base/utf8.hpp"

#include <algorithm>

namespace build {

namespace {

bool is_wide_space(std::uint32_t code) {
    return code == 0x85 || code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a)
           || code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

template <typename Change>
std::string changed(std::string_view text, Change change) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), change);
    return result;
}

} // namespace

std::size_t space_at(std::string_view text, std::size_t at) {
    if (at >= text.size())
        return 0;
    const char letter = text[at];
    if (letter == ' ' || (letter >= '\t' && letter <= '\r'))
        return 1;
    if (static_cast<unsigned char>(letter) < 0x80)
        return 0;
    const base::Utf8Char rune = base::utf8_decode(text.substr(at));
    return rune.valid && is_wide_space(rune.code) ? rune.size : 0;
}

std::size_t skip_space(std::string_view text, std::size_t at) {
    while (const std::size_t size = space_at(text, at))
        at += size;
    return at;
}

std::string_view trim_left(std::string_view text) {
    return text.substr(skip_space(text, 0));
}

std::string_view trim(std::string_view text) {
    text = trim_left(text);
    std::size_t end = 0; // after the last character that is no space
    for (std::size_t at = 0; at < text.size();) {
        if (const std::size_t size = space_at(text, at))
            at += size;
        else
            end = ++at;
    }
    return text.substr(0, end);
}

std::string lower(std::string_view text) {
    return changed(text, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

std::string upper(std::string_view text) {
    return changed(text, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

bool is_true(std::string_view text) {
    return text == "1" || text == "t" || text == "T" || text == "true" || text == "TRUE" || text == "True";
}

bool is_false(std::string_view text) {
    return text == "0" || text == "f" || text == "F" || text == "false" || text == "FALSE" || text == "False";
}

} // namespace build
