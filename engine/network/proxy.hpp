// Serves held ports where DNAT does not reach: [::1], IPv6 from outside. Relays TCP with half-close, and UDP
// with a session per client that expires when idle.
//
// One thread: the io_context's. Owns duplicates of the held sockets, so the HeldPort may outlive it or not.
// Never throws after start-up: a failed relay ends its own connection only.
#pragma once

#include "base/units.hpp"
#include "engine/network/ports.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace network {

struct ProxyOptions {
    base::Duration udp_idle = std::chrono::seconds(90);
    std::size_t udp_sessions = 1024; // per socket; the one idle for longest makes room
};

class Proxy {
  public:
    explicit Proxy(boost::asio::io_context &io, ProxyOptions options = {});
    // Stops everything; open connections are closed.
    ~Proxy();

    Proxy(const Proxy &) = delete;
    Proxy &operator=(const Proxy &) = delete;

    // Relays what arrives at the container's held ports to `target`, instead of what it served before.
    // @throws base::SystemError when the sockets can't be used.
    void serve(const std::string &container_id, const std::vector<HeldPort> &ports, const IpAddress &target);

    // Where new connections go from now on. Nothing happens when the container is not served.
    void retarget(const std::string &container_id, const IpAddress &target);

    // Closes listeners and connections of the container. Not served is fine.
    void stop(const std::string &container_id);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace network
