#include "compose/ip_prefix.hpp"

#include "compose/scalar.hpp"

#include <arpa/inet.h>

namespace compose {

std::optional<IpPrefix> IpPrefix::parse_address(const std::string &text) {
    IpPrefix address;
    address.v6 = inet_pton(AF_INET6, text.c_str(), address.bytes.data()) == 1;
    if (!address.v6 && inet_pton(AF_INET, text.c_str(), address.bytes.data()) != 1)
        return std::nullopt;
    address.length = address.v6 ? 128 : 32;
    return address;
}

std::optional<IpPrefix> IpPrefix::parse_network(const std::string &text) {
    const auto slash = text.find('/');
    if (slash == std::string::npos)
        return std::nullopt;
    auto network = parse_address(text.substr(0, slash));
    const auto length = parse_integer(text.substr(slash + 1));
    if (!network || !length || *length < 0 || *length > network->length)
        return std::nullopt;
    network->length = static_cast<unsigned>(*length);
    return network;
}

bool IpPrefix::contains(const IpPrefix &other) const {
    if (v6 != other.v6 || other.length < length)
        return false;
    for (unsigned bit = 0; bit < length; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        if ((bytes.at(bit / 8) & mask) != (other.bytes.at(bit / 8) & mask))
            return false;
    }
    return true;
}

} // namespace compose
