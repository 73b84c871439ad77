#include "compose/values.hpp"

#include "base/units.hpp"
#include "compose/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace compose {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
    });
    return text;
}

std::optional<double> parse_number(std::string_view text) {
    if (!text.empty() && text.front() == '+')
        text.remove_prefix(1);
    double value = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc{} || result.ptr != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool is_unsigned(std::string_view text, std::uint64_t &value) {
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    return result.ec == std::errc{} && result.ptr == text.data() + text.size();
}

Node made(Node scalar, Kind kind, std::string text) {
    scalar.kind = kind;
    scalar.quoted = false;
    scalar.text = std::move(text);
    return scalar;
}

Node integer_or_same(Node node, const std::optional<std::int64_t> &value) {
    return value ? made(std::move(node), Kind::integer, std::to_string(*value)) : node;
}

} // namespace

std::optional<bool> read_boolean(const Node &node) {
    if (node.kind != Kind::boolean && node.kind != Kind::string)
        return std::nullopt;
    const std::string text = lower(node.text);
    if (text == "true" || text == "yes" || text == "y" || text == "on")
        return true;
    if (text == "false" || text == "no" || text == "n" || text == "off")
        return false;
    return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Node &node) {
    if (node.kind == Kind::integer || node.kind == Kind::string)
        return parse_integer(node.text);
    if (node.kind != Kind::real)
        return std::nullopt;
    const auto value = parse_number(node.text);
    if (!value || std::trunc(*value) != *value || std::abs(*value) > 9e15)
        return std::nullopt;
    return static_cast<std::int64_t>(*value);
}

std::optional<double> read_number(const Node &node) {
    if (node.kind == Kind::integer || node.kind == Kind::string)
        if (const auto value = parse_integer(node.text))
            return static_cast<double>(*value);
    if (node.kind == Kind::real || node.kind == Kind::integer || node.kind == Kind::string)
        return parse_number(node.text);
    return std::nullopt;
}

std::optional<std::int64_t> read_bytes(const Node &node) {
    if (node.kind == Kind::integer)
        return parse_integer(node.text);
    if (node.kind == Kind::string) {
        if (node.text == "-1")
            return -1;
        if (const auto bytes = base::parse_bytes(node.text))
            return bytes->value;
    }
    return std::nullopt;
}

std::optional<std::chrono::nanoseconds> read_duration(const Node &node) {
    if (node.kind != Kind::string)
        return std::nullopt;
    return base::parse_duration(node.text);
}

std::optional<std::int64_t> read_octal(const Node &node) {
    if (node.kind == Kind::integer) {
        const auto mode = parse_integer(node.text);
        return mode && *mode >= 0 ? mode : std::nullopt;
    }
    if (node.kind != Kind::string)
        return std::nullopt;
    std::string_view digits = node.text;
    if (digits.starts_with("0o"))
        digits.remove_prefix(2);
    std::int64_t value = 0;
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
    if (digits.empty() || result.ec != std::errc{} || result.ptr != digits.data() + digits.size()
        || value < 0)
        return std::nullopt;
    return value;
}

std::string format_number(double value) {
    if (std::isnan(value))
        return ".nan";
    if (std::isinf(value))
        return value < 0 ? "-.inf" : ".inf";
    std::array<char, 64> buffer{};
    const double magnitude = std::abs(value);
    // Plain below 21 digits before the point is Go's rule for %v; FormatFloat 'g', which is used here, has 6.
    const bool plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e6);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
    return {buffer.data(), result.ptr};
}

std::string scalar_text(const Node &node) {
    switch (node.kind) {
    case Kind::boolean:
        return lower(node.text);
    case Kind::integer:
        if (const auto value = parse_integer(node.text))
            return std::to_string(*value);
        return node.text;
    case Kind::real:
        // Too large for an integer, not for what Docker Compose takes one for.
        if (std::uint64_t value = 0; is_unsigned(node.text, value))
            return std::to_string(value);
        if (const auto value = parse_number(node.text))
            return format_number(*value);
        return node.text;
    default:
        return node.text;
    }
}

Node cast(Node node, Type type) {
    if (!node.is_scalar())
        return node;
    switch (type) {
    case Type::text:
    case Type::word:
        if (node.kind == Kind::string) {
            node.quoted = false;
            return node;
        }
        {
            std::string text = scalar_text(node);
            return made(std::move(node), Kind::string, std::move(text));
        }
    case Type::boolean:
        if (const auto value = read_boolean(node))
            return made(std::move(node), Kind::boolean, *value ? "true" : "false");
        return node;
    case Type::integer: {
        const auto value = read_integer(node);
        return integer_or_same(std::move(node), value);
    }
    case Type::octal: {
        const auto value = read_octal(node);
        return integer_or_same(std::move(node), value);
    }
    case Type::number:
        if (const auto value = read_number(node))
            return made(std::move(node), Kind::real, format_number(*value));
        return node;
    case Type::bytes:
        if (const auto value = read_bytes(node))
            return made(std::move(node), Kind::string, std::to_string(*value));
        return node;
    case Type::duration:
        if (const auto value = read_duration(node))
            return made(std::move(node), Kind::string, base::format_duration(*value));
        return node;
    default:
        return node;
    }
}

bool is_unresolved(const Node &node) {
    return node.kind == Kind::string && node.text.find('$') != std::string::npos;
}

} // namespace compose
