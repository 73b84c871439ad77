// IP addresses as DNS needs them: record data, reverse names, and the servers queries are forwarded to. Pure.
#pragma once

#include "dns/name.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dns {

class Address {
  public:
    enum class Family { v4, v6 };

    // "10.1.2.3" or "fd00::1"; no zone, no prefix length. nullopt when it is neither.
    static std::optional<Address> from_text(std::string_view text);

    // The address that 3.2.1.10.in-addr.arpa or a 32-nibble ip6.arpa name stands for.
    static std::optional<Address> from_reverse_name(const Name &name);

    [[nodiscard]] Name reverse_name() const;
    [[nodiscard]] std::string text() const;

    [[nodiscard]] Family family() const { return family_; }

    // 4 or 16 bytes in network order.
    [[nodiscard]] std::span<const std::uint8_t> bytes() const;

    auto operator<=>(const Address &) const = default;

  private:
    Family family_ = Family::v4;
    std::array<std::uint8_t, 16> bytes_{};
};

struct ServerAddress {
    Address address;
    std::uint16_t port = 53;

    auto operator<=>(const ServerAddress &) const = default;
};

} // namespace dns
