#include "engine/network/socket_address.hpp"

#include "base/error.hpp"

#include <netinet/in.h>

#include <cstring>

namespace network {

SocketAddress::SocketAddress(const IpAddress &address, std::uint16_t port) {
    if (address.is_v4()) {
        auto *name = reinterpret_cast<sockaddr_in *>(&storage_);
        name->sin_family = AF_INET;
        name->sin_port = htons(port);
        std::memcpy(&name->sin_addr, address.data(), address.size());
        size_ = sizeof *name;
    } else {
        auto *name = reinterpret_cast<sockaddr_in6 *>(&storage_);
        name->sin6_family = AF_INET6;
        name->sin6_port = htons(port);
        std::memcpy(&name->sin6_addr, address.data(), address.size());
        size_ = sizeof *name;
    }
}

SocketAddress SocketAddress::of(int socket) {
    SocketAddress name;
    base::check(::getsockname(socket, reinterpret_cast<sockaddr *>(&name.storage_), &name.size_),
                "name socket", "");
    return name;
}

std::uint16_t SocketAddress::port() const {
    // The port stands at the same place for both families.
    return ntohs(reinterpret_cast<const sockaddr_in *>(&storage_)->sin_port);
}

} // namespace network
