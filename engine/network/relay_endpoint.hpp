// Between addresses here and Asio's.
#pragma once

#include "engine/network/relay.hpp"
#include "engine/network/socket_address.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstring>

namespace network {

template <typename Protocol>
typename Protocol::endpoint endpoint_of(const RelayTarget &target) {
    typename Protocol::endpoint endpoint;
    const SocketAddress name(target.address, target.port);
    std::memcpy(endpoint.data(), name.get(), name.size());
    endpoint.resize(name.size());
    return endpoint;
}

// Of the family the socket is bound in.
template <typename Protocol>
Protocol protocol_of(int socket) {
    return SocketAddress::of(socket).get()->sa_family == AF_INET ? Protocol::v4() : Protocol::v6();
}

} // namespace network
