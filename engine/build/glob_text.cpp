#include "engine/build/glob_text.hpp"

#include "base/error.hpp"
#include "base/utf8.hpp"

#include <algorithm>
#include <optional>

namespace build {

namespace {

constexpr char32_t any_character = 0xffffffff;
constexpr char32_t broken_byte = 0x80000000; // plus a byte that is not UTF-8
constexpr std::size_t longest_pattern = 4096;

std::u32string decode(std::string_view text) {
    std::u32string result;
    for (std::size_t at = 0; at < text.size();) {
        const base::Utf8Char letter = base::utf8_decode(text.substr(at));
        result += letter.valid ? letter.code : broken_byte + static_cast<unsigned char>(text[at]);
        at += letter.size;
    }
    return result;
}

void encode(std::string &out, char32_t code) {
    const auto byte = [&out](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (code >= broken_byte) {
        byte(code - broken_byte);
    } else if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xc0 | code >> 6);
        byte(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        byte(0xe0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    } else {
        byte(0xf0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3f));
        byte(0x80 | (code >> 6 & 0x3f));
        byte(0x80 | (code & 0x3f));
    }
}

std::string encode(std::u32string_view text) {
    std::string result;
    for (const char32_t code : text)
        encode(result, code);
    return result;
}

bool fits(std::u32string_view piece, std::u32string_view value, std::size_t at) {
    if (piece.size() > value.size() - at)
        return false;
    for (std::size_t i = 0; i < piece.size(); ++i)
        if (piece[i] == any_character ? value[at + i] == U'\n' : piece[i] != value[at + i])
            return false;
    return true;
}

std::size_t line_end(std::u32string_view value, std::size_t at) {
    return std::min(value.find(U'\n', at), value.size());
}

// Where the match that begins at `at` ends. Each piece but the last is best placed as far left as it goes:
// that leaves the others most room.
std::optional<std::size_t> match(const std::vector<std::u32string> &pieces, std::u32string_view value,
                                 std::size_t at, TextPattern::Reach reach) {
    if (!fits(pieces.front(), value, at))
        return std::nullopt;
    at += pieces.front().size();
    for (std::size_t index = 1; index < pieces.size(); ++index) {
        const std::u32string &piece = pieces[index];
        const std::size_t last = line_end(value, at);
        if (index + 1 == pieces.size() && reach == TextPattern::Reach::longest) {
            for (std::size_t place = last + 1; place-- > at;)
                if (fits(piece, value, place))
                    return place + piece.size();
            return std::nullopt;
        }
        while (at <= last && !fits(piece, value, at))
            ++at;
        if (at > last)
            return std::nullopt;
        at += piece.size();
    }
    return at;
}

} // namespace

TextPattern::TextPattern(std::string_view pattern) : pieces_(1) {
    const std::u32string text = decode(pattern);
    if (text.size() > longest_pattern)
        throw base::Error("the pattern has more than " + std::to_string(longest_pattern) + " characters");
    for (std::size_t at = 0; at < text.size(); ++at) {
        char32_t code = text[at];
        if (code == U'*') {
            pieces_.emplace_back();
            continue;
        }
        if (code == U'?')
            code = any_character;
        if (code == U'\\') {
            if (at + 1 == text.size())
                throw base::Error("the pattern ends in a backslash");
            code = text[++at];
            // "}" and "/" end the pattern unless escaped.
            if (std::u32string_view(U"*?\\}/").find(code) == std::u32string_view::npos) {
                std::string shown = "\\";
                encode(shown, code);
                throw base::Error("the pattern escapes what needs no escape: " + shown);
            }
        }
        pieces_.back() += code;
    }
}

std::string TextPattern::without_prefix(std::string_view value, Reach reach) const {
    const std::u32string text = decode(value);
    const auto end = match(pieces_, text, 0, reach);
    return end ? encode(std::u32string_view(text).substr(*end)) : std::string(value);
}

std::string TextPattern::without_suffix(std::string_view value, Reach reach) const {
    // Seen from behind, a suffix is a prefix.
    std::vector<Piece> mirrored(pieces_.rbegin(), pieces_.rend());
    for (Piece &piece : mirrored)
        std::reverse(piece.begin(), piece.end());
    std::u32string text = decode(value);
    std::reverse(text.begin(), text.end());
    const auto end = match(mirrored, text, 0, reach);
    if (!end)
        return std::string(value);
    text.erase(0, *end);
    std::reverse(text.begin(), text.end());
    return encode(text);
}

std::string TextPattern::replace(std::string_view value, std::string_view by, Which which,
                                 std::size_t limit) const {
    const std::u32string text = decode(value);
    std::string result;
    std::size_t previous_end = std::u32string::npos; // a match of nothing does not follow another match
    std::size_t hopeless_until = 0; // what failed after the first star fails again in that line
    for (std::size_t at = 0; at <= text.size();) {
        std::optional<std::size_t> end;
        if (fits(pieces_.front(), text, at) && (at >= hopeless_until || pieces_.size() == 1)) {
            end = match(pieces_, text, at, Reach::longest);
            if (!end)
                hopeless_until = line_end(text, at + pieces_.front().size()) + 1 - pieces_.front().size();
        }
        if (end && !(*end == at && at == previous_end)) {
            result += by;
            if (*end > at) {
                at = previous_end = *end;
                if (which == Which::all && result.size() <= limit)
                    continue;
            } else {
                previous_end = at;
            }
            if (which == Which::first)
                return result + encode(std::u32string_view(text).substr(at));
        }
        if (result.size() > limit)
            throw base::Error("the result has more than " + std::to_string(limit) + " bytes");
        if (at < text.size())
            encode(result, text[at]);
        ++at;
    }
    return result;
}

} // namespace build
