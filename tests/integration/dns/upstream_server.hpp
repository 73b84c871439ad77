// A small upstream DNS server on a thread of its own. What it does depends on the first label of the name:
// ok: 192.0.2.1; nx: no such name; fail: a server failure; slow: as ok, after 300 ms; silent: nothing;
// big: truncated over UDP, 2000 bytes over TCP.
#pragma once

#include "sockets.hpp"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace test {

class UpstreamServer {
  public:
    UpstreamServer();
    ~UpstreamServer();

    UpstreamServer(const UpstreamServer &) = delete;
    UpstreamServer &operator=(const UpstreamServer &) = delete;

    [[nodiscard]] std::uint16_t port() const { return sockets_.port; }

    // The names it was asked for, in order.
    [[nodiscard]] std::vector<std::string> asked();

  private:
    void run();
    void serve_datagram();
    void serve_stream();
    std::optional<dns::Bytes> answer(dns::ByteView query, bool tcp);

    SocketPair sockets_;
    base::UniqueFd stop_;
    std::mutex mutex_;
    std::vector<std::string> asked_;
    std::thread thread_;
};

} // namespace test
