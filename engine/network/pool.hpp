// Where subnets come from when the Compose file names none. Pure.
#pragma once

#include "engine/network/address.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace network {

struct Pool {
    Prefix prefix;
    int subnet_length = 24; // of each subnet cut from it

    [[nodiscard]] std::string text() const; // "172.16.0.0/12:24"

    bool operator==(const Pool &) const = default;
};

// The private IPv4 ranges in /24 subnets, 69,888 of them. 172.16.0.0/16 comes first, which Docker leaves
// alone.
[[nodiscard]] std::vector<Pool> default_pools();

// "172.16.0.0/12:24,10.0.0.0/8". @throws base::Error naming the part that is wrong.
[[nodiscard]] std::vector<Pool> parse_pools(std::string_view text);

// The first subnet of the pools that overlaps nothing that is taken.
[[nodiscard]] std::optional<Prefix> first_free_subnet(const std::vector<Pool> &pools,
                                                      const std::vector<Prefix> &taken);

} // namespace network
