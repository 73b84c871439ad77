#include "dns/address.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <charconv>
#include <vector>

namespace dns {

namespace {

std::vector<std::string_view> labels_of(const Name &name) {
    std::vector<std::string_view> labels;
    const std::string_view wire = name.wire();
    for (std::size_t at = 0; at < wire.size(); at += 1 + static_cast<unsigned char>(wire[at]))
        labels.push_back(wire.substr(at + 1, static_cast<unsigned char>(wire[at])));
    return labels;
}

// A whole label as a number below limit.
std::optional<std::uint8_t> number(std::string_view label, int base, unsigned limit) {
    unsigned value = 0;
    const char *end = label.data() + label.size();
    const auto [stop, error] = std::from_chars(label.data(), end, value, base);
    if (error != std::errc{} || stop != end || value >= limit)
        return std::nullopt;
    return static_cast<std::uint8_t>(value);
}

constexpr std::size_t v4_size = 4;
constexpr std::size_t v6_size = 16;

} // namespace

std::optional<Address> Address::from_text(std::string_view text) {
    const std::string copy(text);
    Address result;
    if (inet_pton(AF_INET, copy.c_str(), result.bytes_.data()) == 1)
        return result;
    result.family_ = Family::v6;
    if (inet_pton(AF_INET6, copy.c_str(), result.bytes_.data()) == 1)
        return result;
    return std::nullopt;
}

std::optional<Address> Address::from_reverse_name(const Name &name) {
    const Name lower = name.lower();
    const std::vector<std::string_view> labels = labels_of(lower);
    const std::size_t count = labels.size();
    if (count < 2 || labels[count - 1] != "arpa")
        return std::nullopt;

    Address result;
    if (labels[count - 2] == "in-addr" && count == v4_size + 2) {
        for (std::size_t i = 0; i < v4_size; ++i) {
            const auto byte = number(labels[v4_size - 1 - i], 10, 256);
            if (!byte)
                return std::nullopt;
            result.bytes_[i] = *byte;
        }
        return result;
    }
    if (labels[count - 2] == "ip6" && count == 2 * v6_size + 2) {
        result.family_ = Family::v6;
        for (std::size_t i = 0; i < 2 * v6_size; ++i) {
            const auto nibble = number(labels[2 * v6_size - 1 - i], 16, 16);
            if (!nibble)
                return std::nullopt;
            auto &byte = result.bytes_[i / 2];
            byte = static_cast<std::uint8_t>(byte << 4 | *nibble);
        }
        return result;
    }
    return std::nullopt;
}

Name Address::reverse_name() const {
    Name name;
    const auto all = bytes();
    for (auto byte = all.rbegin(); byte != all.rend(); ++byte) {
        if (family_ == Family::v4) {
            name.append(fmt::format("{}", *byte));
        } else {
            name.append(fmt::format("{:x}", *byte & 0xf));
            name.append(fmt::format("{:x}", *byte >> 4));
        }
    }
    name.append(family_ == Family::v4 ? "in-addr" : "ip6");
    name.append("arpa");
    return name;
}

std::string Address::text() const {
    std::array<char, INET6_ADDRSTRLEN> buffer{};
    inet_ntop(family_ == Family::v4 ? AF_INET : AF_INET6, bytes_.data(), buffer.data(), buffer.size());
    return buffer.data();
}

std::span<const std::uint8_t> Address::bytes() const {
    return std::span(bytes_).first(family_ == Family::v4 ? v4_size : v6_size);
}

} // namespace dns
