// The DNS server of a project: one pair of sockets per container, all served from one io_context's thread.
// The sockets were bound inside the container's network namespace by whoever hands them over.
#pragma once

#include "base/fd.hpp"
#include "dns/zone.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace dns {

struct ServerOptions {
    std::filesystem::path resolv_conf = "/etc/resolv.conf"; // names the host's servers
    std::uint16_t upstream_port = 53;
    // Brings the zone up to date before it is asked on behalf of a view. Must not throw.
    std::function<void(Zone &, const View &)> before_questions = {};
};

class Server {
  public:
    explicit Server(boost::asio::io_context &io, ServerOptions options = {});
    // Closes every socket; questions under way stay without an answer.
    ~Server();

    Server(const Server &) = delete;
    Server &operator=(const Server &) = delete;

    // Changes the zone; questions held for a name that is published (or given up) by it are answered.
    void update(const std::function<void(Zone &)> &change);

    // Serves a container from a bound datagram socket and a listening stream socket, both put into
    // non-blocking mode. An existing listener of the container is replaced. @throws base::SystemError.
    void add_listener(const std::string &container, View view, base::UniqueFd udp, base::UniqueFd tcp);

    // After a network was connected or disconnected. Nothing happens without a listener.
    void set_view(const std::string &container, View view);

    // Closes the sockets (they keep the network namespace alive). Nothing happens without a listener.
    void remove_listener(const std::string &container);

  private:
    struct State;

    void wake();

    std::unique_ptr<State> state_;
};

} // namespace dns
