#include "engine/network/pool.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace network {

namespace {

Pool parse_pool(std::string_view text) {
    const auto colon = text.find(':');
    const auto prefix = Prefix::parse(text.substr(0, colon));
    Pool pool;
    bool good = prefix && prefix->base.is_v4();
    if (colon != std::string_view::npos) {
        const std::string_view length = text.substr(colon + 1);
        const auto [end, error] =
            std::from_chars(length.data(), length.data() + length.size(), pool.subnet_length);
        good = good && error == std::errc{} && end == length.data() + length.size();
    }
    if (!good || pool.subnet_length < prefix->length || pool.subnet_length > 30)
        throw base::Error(
            fmt::format("COMPOSE_ADDRESS_POOLS: \"{}\" is not an address pool", text),
            "write PREFIX:LENGTH with an IPv4 prefix and a subnet length of at most 30, such as "
            "10.128.0.0/10:24, several separated by commas");
    pool.prefix = *prefix;
    return pool;
}

// The end of the taken range the subnet overlaps; nullopt when it overlaps none.
std::optional<IpAddress> end_of_overlap(const Prefix &subnet, const std::vector<Prefix> &taken) {
    for (const Prefix &other : taken)
        if (subnet.overlaps(other))
            return std::max(other.last(), subnet.last());
    return std::nullopt;
}

std::optional<Prefix> first_free_subnet(const Pool &pool, const std::vector<Prefix> &taken) {
    Prefix subnet = Prefix::of(pool.prefix.base, pool.subnet_length);
    for (;;) {
        const auto end = end_of_overlap(subnet, taken);
        if (!end)
            return subnet;
        // Taken ranges are powers of two, so what follows one is a subnet boundary again.
        if (*end >= pool.prefix.last())
            return std::nullopt;
        subnet.base = end->plus(1);
    }
}

} // namespace

std::string Pool::text() const {
    return fmt::format("{}:{}", prefix.text(), subnet_length);
}

std::vector<Pool> default_pools() {
    return parse_pools("172.16.0.0/12,192.168.0.0/16,10.0.0.0/8");
}

std::vector<Pool> parse_pools(std::string_view text) {
    std::vector<Pool> pools;
    for (;;) {
        const auto comma = text.find(',');
        pools.push_back(parse_pool(text.substr(0, comma)));
        if (comma == std::string_view::npos)
            return pools;
        text.remove_prefix(comma + 1);
    }
}

std::optional<Prefix> first_free_subnet(const std::vector<Pool> &pools, const std::vector<Prefix> &taken) {
    for (const Pool &pool : pools)
        if (const auto subnet = first_free_subnet(pool, taken))
            return subnet;
    return std::nullopt;
}

} // namespace network
