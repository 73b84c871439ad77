#include "engine/network/address.hpp"

#include <fmt/format.h>

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace network {

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(text);
    IpAddress address;
    if (::inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1)
        return address;
    address.family_ = Family::v6;
    if (::inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1)
        return address;
    return std::nullopt;
}

IpAddress IpAddress::from_bytes(Family family, const void *data) {
    IpAddress address;
    address.family_ = family;
    std::memcpy(address.bytes_.data(), data, address.size());
    return address;
}

std::string IpAddress::text() const {
    char buffer[INET6_ADDRSTRLEN];
    ::inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), buffer, sizeof buffer);
    return buffer;
}

IpAddress IpAddress::plus(std::uint64_t offset) const {
    IpAddress sum = *this;
    for (std::size_t i = size(); i-- > 0 && offset != 0; offset >>= 8) {
        offset += sum.bytes_[i];
        sum.bytes_[i] = static_cast<std::uint8_t>(offset);
    }
    return sum;
}

namespace {

// The address with its bits behind `length` set to `ones`.
IpAddress with_host_bits(const IpAddress &address, int length, bool ones) {
    std::array<std::uint8_t, 16> bytes{};
    for (int i = 0; i < static_cast<int>(address.size()); ++i) {
        const int kept = std::clamp(length - i * 8, 0, 8);
        const auto mask = static_cast<std::uint8_t>(0xff00 >> kept);
        bytes[i] = ones ? address.data()[i] | static_cast<std::uint8_t>(~mask) : address.data()[i] & mask;
    }
    return IpAddress::from_bytes(address.family(), bytes.data());
}

template <typename Number>
std::optional<Number> parse_whole(std::string_view text, int base) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

} // namespace

Prefix Prefix::of(const IpAddress &address, int length) {
    return {with_host_bits(address, length, false), length};
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto address = IpAddress::parse(text.substr(0, slash));
    const auto length = parse_whole<unsigned>(text.substr(slash + 1), 10);
    if (!address || !length || *length > static_cast<unsigned>(address->bits()))
        return std::nullopt;
    return of(*address, static_cast<int>(*length));
}

bool Prefix::contains(const IpAddress &address) const {
    return address.family() == base.family() && of(address, length).base == base;
}

bool Prefix::overlaps(const Prefix &other) const {
    return length <= other.length ? contains(other.base) : other.contains(base);
}

IpAddress Prefix::last() const {
    return with_host_bits(base, length, true);
}

std::string Prefix::text() const {
    return fmt::format("{}/{}", base.text(), length);
}

std::string mac_text(const std::array<std::uint8_t, 6> &mac) {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", mac[0], mac[1], mac[2], mac[3], mac[4],
                       mac[5]);
}

std::optional<std::array<std::uint8_t, 6>> parse_mac(std::string_view text) {
    std::array<std::uint8_t, 6> mac{};
    if (text.size() != 17)
        return std::nullopt;
    for (std::size_t i = 0; i < mac.size(); ++i) {
        const auto byte = parse_whole<std::uint8_t>(text.substr(i * 3, 2), 16);
        if (!byte || (i > 0 && text[i * 3 - 1] != ':' && text[i * 3 - 1] != '-'))
            return std::nullopt;
        mac[i] = *byte;
    }
    if ((mac[0] & 1) != 0)
        return std::nullopt;
    return mac;
}

} // namespace network
