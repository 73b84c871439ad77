#include "go_template/place.hpp"

#include <algorithm>

namespace go_template {

void fail_at(std::string_view text, std::size_t offset, const std::string &message, std::string hint) {
    const std::string_view before = text.substr(0, offset);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const std::size_t begin = before.rfind('\n');
    const std::string_view in_line = begin == std::string_view::npos ? before : before.substr(begin + 1);
    // Characters, not the bytes that go on with one.
    const auto column =
        std::count_if(in_line.begin(), in_line.end(), [](char c) { return (c & 0xc0) != 0x80; }) + 1;
    throw base::Error("template, line " + std::to_string(line) + ", column " + std::to_string(column) + ": "
                          + message,
                      std::move(hint));
}

} // namespace go_template
