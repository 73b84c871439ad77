// What proxy.hpp is made of: one relay per held socket. Runs on its io_context's thread, keeps itself alive
// until it is closed.
#pragma once

#include "base/fd.hpp"
#include "engine/network/proxy.hpp"

#include <cstdint>
#include <memory>

namespace network {

class Relay {
  public:
    Relay() = default;
    Relay(const Relay &) = delete;
    Relay &operator=(const Relay &) = delete;
    virtual ~Relay() = default;

    // New connections and sessions go there.
    virtual void retarget(const IpAddress &target) = 0;
    // Ends the listener and everything that came through it.
    virtual void close() = 0;
};

struct RelayTarget {
    IpAddress address;
    std::uint16_t port = 0;
};

// @throws boost::system::system_error when the descriptor is not a listening, or a bound, socket.
[[nodiscard]] std::shared_ptr<Relay> make_tcp_relay(boost::asio::io_context &io, base::UniqueFd listener,
                                                    const RelayTarget &target);
[[nodiscard]] std::shared_ptr<Relay> make_udp_relay(boost::asio::io_context &io, base::UniqueFd socket,
                                                    const RelayTarget &target, const ProxyOptions &options);

} // namespace network
