// The sockets of one container and the coroutines that serve them. Used from the io_context's thread only.
#pragma once

#include "base/async.hpp"
#include "base/fd.hpp"
#include "dns/resolver.hpp"
#include "dns/server.hpp"
#include "dns/udp_batch.hpp"
#include "dns/upstream.hpp"
#include "dns/zone.hpp"

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <set>
#include <string>

namespace dns {

// What all listeners of a server share.
struct Shared {
    Shared(boost::asio::io_context &context, ServerOptions options)
        : io(context), before_questions(std::move(options.before_questions)),
          upstream(context, std::move(options.resolv_conf), options.upstream_port) {}

    void refresh(const View &view) {
        if (before_questions)
            before_questions(zone, view);
    }

    boost::asio::io_context &io;
    std::function<void(Zone &, const View &)> before_questions;
    Zone zone;
    Upstream upstream;
    UdpBatch batch;
    std::set<boost::asio::steady_timer *> holds; // of held questions; cancelled when the zone changes
};

struct Connection {
    explicit Connection(boost::asio::io_context &io) : socket(io), idle(io) {}

    boost::asio::generic::stream_protocol::socket socket;
    boost::asio::steady_timer idle; // closes the socket

    void arm_idle(const std::shared_ptr<Connection> &self);
    void close();
};

class Listener : public std::enable_shared_from_this<Listener> {
  public:
    // @throws base::SystemError when the descriptors are no sockets.
    Listener(std::shared_ptr<Shared> shared, std::string container, View view, base::UniqueFd udp,
             base::UniqueFd tcp);

    void start();
    // Ends every coroutine of the listener and closes its sockets. May be called again.
    void close();

    void set_view(View view) { view_ = std::move(view); }

  private:
    base::Task<> serve_udp();
    base::Task<> serve_tcp();
    base::Task<> serve_connection(std::shared_ptr<Connection> connection);
    base::Task<> answer_later(Peer peer, Outcome outcome);
    // Waits for a publication or for upstream. nullopt: nothing is to be sent.
    base::Task<std::optional<Bytes>> settle(Outcome outcome);
    base::Task<> hold(std::chrono::steady_clock::time_point deadline);
    void receive_batch();
    // false when there is no descriptor or memory for a connection.
    bool accept_all();

    std::shared_ptr<Shared> shared_;
    std::string container_;
    View view_;
    boost::asio::posix::stream_descriptor udp_;
    boost::asio::posix::stream_descriptor tcp_;
    std::set<std::shared_ptr<Connection>> connections_;
    std::size_t under_way_ = 0; // questions waited for on behalf of datagrams
    bool closed_ = false;
};

} // namespace dns
