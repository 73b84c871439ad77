// IP addresses and the networks they lie in, as far as a file can be checked by them. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace compose {

// "10.5.0.0/16", "fd00::/64"; an address is a prefix of full length.
struct IpPrefix {
    bool v6 = false;
    unsigned length = 0;
    std::array<std::uint8_t, 16> bytes{};

    // nullopt when it is neither an address of that notation nor, with a slash, a network.
    [[nodiscard]] static std::optional<IpPrefix> parse_address(const std::string &text);
    [[nodiscard]] static std::optional<IpPrefix> parse_network(const std::string &text);

    // All of the other lies in this one.
    [[nodiscard]] bool contains(const IpPrefix &other) const;
};

} // namespace compose
