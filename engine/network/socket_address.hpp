// An address and port in the form the socket calls take.
#pragma once

#include "engine/network/address.hpp"

#include <sys/socket.h>

#include <cstdint>

namespace network {

class SocketAddress {
  public:
    SocketAddress(const IpAddress &address, std::uint16_t port);
    // What the socket is bound to. @throws base::SystemError.
    static SocketAddress of(int socket);

    [[nodiscard]] const sockaddr *get() const { return reinterpret_cast<const sockaddr *>(&storage_); }

    [[nodiscard]] socklen_t size() const { return size_; }

    [[nodiscard]] std::uint16_t port() const;

  private:
    SocketAddress() = default;

    sockaddr_storage storage_{};
    socklen_t size_ = sizeof storage_;
};

} // namespace network
