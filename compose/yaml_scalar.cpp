#include "compose/yaml_scalar.hpp"

#include "base/utf8.hpp"
#include "compose/yaml_plain.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

namespace compose {

namespace {

bool is_printable(std::uint32_t c) {
    return c == 0x0A || (c >= 0x20 && c <= 0x7E) || c == 0x85 || (c >= 0xA0 && c <= 0xD7FF)
           || (c >= 0xE000 && c <= 0xFFFD && c != 0xFEFF);
}

bool is_blank_or_end(std::string_view text, std::size_t at) {
    return at >= text.size() || text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r';
}

struct Traits {
    bool indicators = false; // something at the start, or within, that would end or change a plain scalar
    bool breaks = false;
    bool outer_space = false; // a space or break at either end
    bool trailing_space = false;
    bool space_after_break = false, space_before_break = false;
    bool tabs = false;
    bool special = false; // needs an escape
};

bool is_indicator(std::string_view text, std::size_t at) {
    constexpr std::string_view leading = "#,[]{}&*!|>'\"%@`";
    const char c = text[at];
    const bool blank_follows = is_blank_or_end(text, at + 1);
    if (at == 0)
        return leading.find(c) != std::string_view::npos
               || ((c == '?' || c == ':' || c == '-') && blank_follows);
    return (c == ':' && blank_follows) || (c == '#' && is_blank_or_end(text, at - 1));
}

// Letters that are no indicator wherever they stand.
constexpr std::array<bool, 256> harmless = [] {
    std::array<bool, 256> table{};
    for (char c = 'a'; c <= 'z'; ++c)
        table[static_cast<unsigned char>(c)] = table[static_cast<unsigned char>(c - 'a' + 'A')] = true;
    for (char c = '0'; c <= '9'; ++c)
        table[static_cast<unsigned char>(c)] = true;
    for (const char c : {'_', '/', '.', '$', '+', '=', '~', '(', ')', ';', '^', '\\', '<'})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}();

Traits analyse(std::string_view text) {
    Traits traits;
    traits.indicators = text.starts_with("---") || text.starts_with("...");
    char previous = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (harmless[static_cast<unsigned char>(text[at])]) {
            previous = text[at++];
            continue;
        }
        traits.indicators = traits.indicators || is_indicator(text, at);
        if (text[at] > ' ' && text[at] <= '~') {
            previous = text[at++];
            continue;
        }
        const base::Utf8Char rune = base::utf8_decode(text.substr(at));
        const char c = rune.size == 1 ? text[at] : 'x';
        const bool edge = at == 0 || at + rune.size >= text.size();
        if (c == '\t')
            traits.tabs = true;
        else if (!is_printable(rune.code) || rune.code == 0x2028 || rune.code == 0x2029)
            traits.special = true;
        if (c == ' ') {
            traits.outer_space = traits.outer_space || edge;
            traits.trailing_space = at + 1 == text.size();
            traits.space_after_break = traits.space_after_break || previous == '\n';
        } else if (c == '\n') {
            traits.breaks = true;
            traits.outer_space = traits.outer_space || edge;
            traits.space_before_break = traits.space_before_break || previous == ' ';
        }
        previous = c;
        at += rune.size;
    }
    return traits;
}

std::string single_quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'')
            out += '\'';
        out += c;
    }
    return out + "'";
}

std::string escape(std::uint32_t c) {
    struct Short {
        std::uint32_t code;
        const char *text;
    };

    static constexpr Short shorts[] = {{0x00, "\\0"},   {0x07, "\\a"},  {0x08, "\\b"},  {0x09, "\\t"},
                                       {0x0A, "\\n"},   {0x0B, "\\v"},  {0x0C, "\\f"},  {0x0D, "\\r"},
                                       {0x1B, "\\e"},   {0x22, "\\\""}, {0x5C, "\\\\"}, {0x85, "\\N"},
                                       {0x2028, "\\L"}, {0x2029, "\\P"}};
    for (const Short &known : shorts)
        if (known.code == c)
            return known.text;
    std::array<char, 16> buffer{};
    const char *format = c <= 0xFF ? "\\x%02X" : c <= 0xFFFF ? "\\u%04X" : "\\U%08X";
    std::snprintf(buffer.data(), buffer.size(), format, static_cast<unsigned>(c));
    return buffer.data();
}

std::string double_quoted(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const base::Utf8Char rune = base::utf8_decode(text.substr(at));
        const std::uint32_t c = rune.code;
        if (!is_printable(c) || c == 0x0A || c == 0x22 || c == 0x5C || c == 0x85 || c == 0x2028
            || c == 0x2029)
            out += escape(c);
        else
            out += text.substr(at, rune.size);
        at += rune.size;
    }
    return out + "\"";
}

std::string literal(std::string_view text, std::size_t indent) {
    std::string out = "|";
    if (text.front() == ' ' || text.front() == '\n')
        out += '2';
    if (text.back() != '\n')
        out += '-';
    else if (text.size() == 1 || text[text.size() - 2] == '\n')
        out += '+';
    if (text.back() == '\n')
        text.remove_suffix(1);
    const std::string margin(indent, ' ');
    for (bool more = true; more;) {
        const auto end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        out += '\n';
        if (!line.empty())
            (out += margin) += line;
        more = end != std::string_view::npos;
        if (more)
            text.remove_prefix(end + 1);
    }
    return out;
}

} // namespace

ScalarStyle scalar_style(std::string_view text, bool key) {
    if (text.empty())
        return ScalarStyle::double_quoted;
    const Traits traits = analyse(text);
    if (traits.breaks) {
        const bool block = !key && !traits.trailing_space && !traits.space_before_break && !traits.special;
        return block ? ScalarStyle::literal : ScalarStyle::double_quoted;
    }
    if (reads_as_other_type(text) || traits.tabs || traits.special)
        return ScalarStyle::double_quoted;
    return traits.indicators || traits.outer_space ? ScalarStyle::single_quoted : ScalarStyle::plain;
}

std::string write_scalar(std::string_view text, ScalarStyle style, std::size_t indent) {
    switch (style) {
    case ScalarStyle::plain:
        return std::string(text);
    case ScalarStyle::single_quoted:
        return single_quoted(text);
    case ScalarStyle::double_quoted:
        return double_quoted(text);
    case ScalarStyle::literal:
        return literal(text, indent);
    }
    return {};
}

} // namespace compose
