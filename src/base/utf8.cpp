#include "base/utf8.hpp"

namespace base {

namespace {

struct Range {
    std::uint32_t first, last;
};

constexpr Range combining[] = {{0x0300, 0x036f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
                               {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
constexpr Range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},  {0x3041, 0xa4cf}, {0xac00, 0xd7a3},
                          {0xf900, 0xfaff},   {0xfe30, 0xfe4f},  {0xff00, 0xff60}, {0xffe0, 0xffe6},
                          {0x1f300, 0x1faff}, {0x20000, 0x3fffd}};

template <std::size_t N>
bool contains(const Range (&ranges)[N], std::uint32_t code) {
    for (const Range &range : ranges)
        if (code >= range.first && code <= range.last)
            return true;
    return false;
}

} // namespace

Utf8Char utf8_decode(std::string_view text) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return {lead, 1, true};
    const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < size)
        return {lead, 1, false};
    std::uint32_t code = lead & (0x7fu >> size);
    for (std::size_t index = 1; index < size; ++index) {
        if ((byte(index) & 0xc0) != 0x80)
            return {lead, 1, false};
        code = code << 6 | (byte(index) & 0x3fu);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff)
        return {lead, 1, false};
    return {code, size, true};
}

std::size_t utf8_boundary(std::string_view text, std::size_t position) {
    while (position > 0 && position < text.size()
           && (static_cast<unsigned char>(text[position]) & 0xc0) == 0x80)
        --position;
    return position;
}

std::size_t display_width(std::uint32_t code) {
    if (code < combining[0].first)
        return 1;
    if (contains(combining, code))
        return 0;
    return contains(wide, code) ? 2 : 1;
}

} // namespace base
