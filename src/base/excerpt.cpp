#include "base/excerpt.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <string_view>

namespace base {

namespace {

// Bytes of a line that are shown around the column.
constexpr std::size_t shown_before = 80;
constexpr std::size_t shown_after = 60;

std::string_view line_of(std::string_view text, std::uint32_t number) {
    std::size_t begin = 0;
    for (std::uint32_t line = 1; line < number; ++line) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string_view::npos)
            return {};
        begin = end + 1;
    }
    std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

// Most of any line: printable ASCII, a column each.
std::size_t plain_letters(std::string_view text) {
    const auto end =
        std::find_if(text.begin(), text.end(), [](char letter) { return letter < ' ' || letter > '~'; });
    return static_cast<std::size_t>(end - text.begin());
}

} // namespace

std::string excerpt(const Location &location) {
    if (!location.known() || location.line == 0)
        return {};
    const std::string_view line = line_of(location.source->text, location.line);
    const std::size_t column =
        std::min<std::size_t>(std::max<std::uint32_t>(location.column, 1) - 1, line.size());

    std::size_t begin = column > shown_before ? column - shown_before : 0;
    std::size_t end = std::min(line.size(), column + shown_after);
    begin = utf8_boundary(line, begin);
    end = utf8_boundary(line, end);

    std::string shown = begin > 0 ? "..." : "";
    std::string padding(shown.size(), ' ');
    for (std::size_t at = begin; at < end;) {
        if (const std::size_t plain = plain_letters(line.substr(at, end - at)); plain > 0) {
            shown += line.substr(at, plain);
            padding.append(std::min(plain, std::max(column, at) - at), ' ');
            at += plain;
            continue;
        }
        const Utf8Char letter = utf8_decode(line.substr(at));
        const bool printable =
            letter.valid && (letter.code >= 0x20 || letter.code == '\t') && letter.code != 0x7f;
        shown += printable ? std::string(line.substr(at, letter.size)) : "?";
        if (at < column)
            padding += letter.code == '\t' ? std::string("\t")
                                           : std::string(printable ? display_width(letter.code) : 1, ' ');
        at += letter.size;
    }
    if (end < line.size())
        shown += "...";

    const std::string number = std::to_string(location.line);
    const std::string margin(std::max<std::size_t>(number.size(), 4), ' ');
    return margin.substr(number.size()) + number + " | " + shown + "\n" + margin + " | " + padding + "^\n";
}

} // namespace base
