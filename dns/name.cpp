#include "dns/name.hpp"

#include <fmt/format.h>

namespace dns {

namespace {

constexpr std::size_t max_label_size = 63;

char lower_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

std::optional<Name> Name::from_text(std::string_view text) {
    Name name;
    if (text == ".")
        return name;
    if (text.ends_with('.'))
        text.remove_suffix(1);
    while (true) {
        const std::size_t dot = text.find('.');
        if (!name.append(text.substr(0, dot)))
            return std::nullopt;
        if (dot == std::string_view::npos)
            return name;
        text.remove_prefix(dot + 1);
    }
}

bool Name::append(std::string_view label) {
    const bool fits = wire_.size() + 1 + label.size() + 1 <= max_wire_size;
    if (label.empty() || label.size() > max_label_size || !fits)
        return false;
    wire_ += static_cast<char>(label.size());
    wire_ += label;
    return true;
}

std::string Name::text() const {
    if (wire_.empty())
        return ".";
    std::string result;
    for (std::size_t at = 0; at < wire_.size();) {
        const std::size_t size = static_cast<unsigned char>(wire_[at]);
        if (!result.empty())
            result += '.';
        for (const char c : std::string_view(wire_).substr(at + 1, size)) {
            const auto byte = static_cast<unsigned char>(c);
            if (c == '.' || c == '\\')
                result += {'\\', c};
            else if (byte <= ' ' || byte >= 0x7f)
                result += fmt::format("\\{:03}", byte);
            else
                result += c;
        }
        at += 1 + size;
    }
    return result;
}

// Length bytes are below 64 and so never letters.
Name Name::lower() const {
    Name result = *this;
    for (char &c : result.wire_)
        c = lower_ascii(c);
    return result;
}

std::optional<Name> Name::without_suffix(const Name &suffix) const {
    if (suffix.wire_.empty() || wire_.size() <= suffix.wire_.size() || !wire_.ends_with(suffix.wire_))
        return std::nullopt;
    const std::size_t wanted = wire_.size() - suffix.wire_.size();
    std::size_t at = 0;
    while (at < wanted)
        at += 1 + static_cast<unsigned char>(wire_[at]);
    if (at != wanted) // the bytes match, but inside a label
        return std::nullopt;
    Name result;
    result.wire_ = wire_.substr(0, wanted);
    return result;
}

} // namespace dns
