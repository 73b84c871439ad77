// IP addresses and prefixes as values, both families in one type. Pure.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace network {

class IpAddress {
  public:
    enum class Family : std::uint8_t { v4, v6 };

    IpAddress() = default; // 0.0.0.0

    // "10.1.2.3" or "fd00::1"; no zone, no prefix length, no brackets. nullopt when it is neither.
    static std::optional<IpAddress> parse(std::string_view text);
    // The first 4 or 16 bytes at data, in network order.
    static IpAddress from_bytes(Family family, const void *data);

    [[nodiscard]] Family family() const { return family_; }

    [[nodiscard]] bool is_v4() const { return family_ == Family::v4; }

    // 32 or 128.
    [[nodiscard]] int bits() const { return is_v4() ? 32 : 128; }

    // size() bytes in network order.
    [[nodiscard]] const std::uint8_t *data() const { return bytes_.data(); }

    [[nodiscard]] std::size_t size() const { return is_v4() ? 4 : 16; }

    [[nodiscard]] std::string text() const;

    // The address `offset` further on, wrapping around at the end of the family's space.
    [[nodiscard]] IpAddress plus(std::uint64_t offset) const;

    // Ordered by family, then numerically.
    auto operator<=>(const IpAddress &) const = default;

  private:
    Family family_ = Family::v4;
    std::array<std::uint8_t, 16> bytes_{};
};

// A network such as 10.1.2.0/24: the bits behind the prefix are zero.
struct Prefix {
    IpAddress base;
    int length = 0;

    // "10.1.2.0/24". nullopt when malformed; host bits are cleared.
    static std::optional<Prefix> parse(std::string_view text);
    // The network of that length the address lies in.
    static Prefix of(const IpAddress &address, int length);

    [[nodiscard]] bool contains(const IpAddress &address) const;
    [[nodiscard]] bool overlaps(const Prefix &other) const;
    // Of an IPv4 network the broadcast address.
    [[nodiscard]] IpAddress last() const;
    [[nodiscard]] std::string text() const;

    auto operator<=>(const Prefix &) const = default;
};

// "02:42:0a:01:02:03" from 6 bytes and back; nullopt when it is not a unicast MAC address.
[[nodiscard]] std::string mac_text(const std::array<std::uint8_t, 6> &mac);
[[nodiscard]] std::optional<std::array<std::uint8_t, 6>> parse_mac(std::string_view text);

} // namespace network
