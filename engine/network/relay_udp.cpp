#include "base/async.hpp"
#include "engine/network/relay.hpp"
#include "engine/network/relay_endpoint.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>

namespace network {

namespace asio = boost::asio;
using asio::ip::udp;
using base::Task;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto result = asio::as_tuple(asio::use_awaitable);

// A client's way to the container: the answers to its socket are the client's.
struct Session {
    udp::endpoint client;
    udp::socket server;
    Clock::time_point last_used = Clock::now();

    Session(asio::io_context &io, const udp::endpoint &from, const udp::endpoint &to)
        : client(from), server(io, to.protocol()) {
        server.non_blocking(true);
        server.connect(to);
    }

    void close() {
        boost::system::error_code ignored;
        server.close(ignored);
    }
};

class UdpRelay final : public Relay, public std::enable_shared_from_this<UdpRelay> {
  public:
    UdpRelay(asio::io_context &io, base::UniqueFd socket, const RelayTarget &target,
             const ProxyOptions &options)
        : io_(io), listener_(io), expiry_(io), target_(target), options_(options) {
        listener_.assign(protocol_of<udp>(socket.get()), socket.get());
        (void)socket.release();
        listener_.non_blocking(true);
    }

    void retarget(const IpAddress &target) override {
        target_.address = target;
        end_sessions();
    }

    void close() override {
        boost::system::error_code ignored;
        listener_.close(ignored);
        expiry_.cancel();
        end_sessions();
    }

    static Task<> receive_all(std::shared_ptr<UdpRelay> self);

  private:
    static Task<> answer(std::shared_ptr<UdpRelay> self, std::shared_ptr<Session> session);
    static Task<> expire(std::shared_ptr<UdpRelay> self);
    void receive();
    void forward(const udp::endpoint &client, std::size_t size);
    void start_session(const udp::endpoint &client);
    void make_room();

    void end_sessions() {
        for (const auto &[client, session] : sessions_)
            session->close();
        sessions_.clear();
    }

    asio::io_context &io_;
    udp::socket listener_;
    asio::steady_timer expiry_;
    bool expiring_ = false;
    RelayTarget target_;
    ProxyOptions options_;
    std::map<udp::endpoint, std::shared_ptr<Session>> sessions_;
    std::array<char, 65536> buffer_; // used between two waits only
};

Task<> UdpRelay::receive_all(std::shared_ptr<UdpRelay> self) {
    while (self->listener_.is_open()) {
        const auto [error] = co_await self->listener_.async_wait(udp::socket::wait_read, result);
        if (error)
            co_return;
        self->receive();
    }
}

// One datagram. Errors are those that earlier ones brought back, and are over with being read.
void UdpRelay::receive() {
    udp::endpoint client;
    boost::system::error_code error;
    const std::size_t size = listener_.receive_from(asio::buffer(buffer_), client, 0, error);
    if (!error)
        forward(client, size);
}

void UdpRelay::forward(const udp::endpoint &client, std::size_t size) {
    auto found = sessions_.find(client);
    if (found == sessions_.end()) {
        try {
            start_session(client);
        } catch (const boost::system::system_error &) {
            return; // no way to the container: the datagram is lost, as datagrams are
        }
        found = sessions_.find(client);
    }
    found->second->last_used = Clock::now();
    boost::system::error_code lost;
    found->second->server.send(asio::buffer(buffer_, size), 0, lost);
}

void UdpRelay::start_session(const udp::endpoint &client) {
    make_room();
    auto session = std::make_shared<Session>(io_, client, endpoint_of<udp>(target_));
    sessions_.emplace(client, session);
    base::spawn(io_.get_executor(), "relay datagrams", answer(shared_from_this(), session));
    if (!expiring_) {
        expiring_ = true;
        base::spawn(io_.get_executor(), "expire sessions", expire(shared_from_this()));
    }
}

void UdpRelay::make_room() {
    if (sessions_.size() < options_.udp_sessions)
        return;
    const auto oldest =
        std::min_element(sessions_.begin(), sessions_.end(), [](const auto &a, const auto &b) {
            return a.second->last_used < b.second->last_used;
        });
    oldest->second->close();
    sessions_.erase(oldest);
}

Task<> UdpRelay::answer(std::shared_ptr<UdpRelay> self, std::shared_ptr<Session> session) {
    for (;;) {
        const auto [ended] = co_await session->server.async_wait(udp::socket::wait_read, result);
        if (ended || !session->server.is_open())
            co_return;
        boost::system::error_code error;
        const std::size_t size = session->server.receive(asio::buffer(self->buffer_), 0, error);
        if (error) // "port unreachable" for one datagram; the next may be answered
            continue;
        session->last_used = Clock::now();
        self->listener_.send_to(asio::buffer(self->buffer_, size), session->client, 0, error);
    }
}

// Runs while there are sessions, and sleeps until the next one may be over.
Task<> UdpRelay::expire(std::shared_ptr<UdpRelay> self) {
    while (!self->sessions_.empty()) {
        auto next = Clock::now() + self->options_.udp_idle;
        for (const auto &[client, session] : self->sessions_)
            next = std::min(next, session->last_used + self->options_.udp_idle);
        self->expiry_.expires_at(next);
        const auto [cancelled] = co_await self->expiry_.async_wait(result);
        if (cancelled)
            break;
        std::erase_if(self->sessions_, [&](const auto &entry) {
            const bool over = entry.second->last_used + self->options_.udp_idle <= Clock::now();
            if (over)
                entry.second->close();
            return over;
        });
    }
    self->expiring_ = false;
}

} // namespace

std::shared_ptr<Relay> make_udp_relay(asio::io_context &io, base::UniqueFd socket, const RelayTarget &target,
                                      const ProxyOptions &options) {
    auto relay = std::make_shared<UdpRelay>(io, std::move(socket), target, options);
    base::spawn(io.get_executor(), "relay a published port", UdpRelay::receive_all(relay));
    return relay;
}

} // namespace network
