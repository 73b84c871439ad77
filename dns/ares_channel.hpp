// One c-ares channel on an io_context: a set of servers that are tried in order. c-ares owns the sockets;
// here they are watched, and the timer is kept. Used from the io_context's thread only.
#pragma once

#include "dns/address.hpp"
#include "dns/wire.hpp"

#include <ares.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

namespace dns {

// Called once with the answer as it came, or nothing when no server gave one.
using AnswerHandler = std::function<void(std::optional<Bytes>)>;

class AresChannel : public std::enable_shared_from_this<AresChannel> {
  public:
    // edns: the queries carry an OPT record, so answers longer than 512 bytes are fine over UDP.
    // @throws base::Error.
    AresChannel(boost::asio::io_context &io, const std::vector<ServerAddress> &servers, bool edns);
    // Whoever still waits gets nothing as the answer.
    ~AresChannel();

    AresChannel(const AresChannel &) = delete;
    AresChannel &operator=(const AresChannel &) = delete;

    // The query gets an id of its own. May call the handler before it returns.
    void send(Bytes query, AnswerHandler handler);

    [[nodiscard]] std::size_t under_way() const { return ids_.size(); }

  private:
    struct Watch;
    struct Question;

    static void on_answer(void *argument, int status, int timeouts, unsigned char *answer, int size);
    static void on_socket(void *self, ares_socket_t fd, int readable, int writable);

    void set_servers(const std::vector<ServerAddress> &servers);
    void watch_read(const std::shared_ptr<Watch> &watch);
    void watch_write(const std::shared_ptr<Watch> &watch);
    void process(ares_socket_t readable, ares_socket_t writable);
    void arm_timer();
    [[nodiscard]] std::uint16_t unused_id() const;

    boost::asio::io_context &io_;
    boost::asio::steady_timer timer_;
    ares_channel channel_ = nullptr;
    std::map<ares_socket_t, std::shared_ptr<Watch>> watches_;
    std::set<std::uint16_t> ids_; // c-ares leaves it to its caller that they differ
};

} // namespace dns
