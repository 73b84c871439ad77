#include "dns/listener.hpp"

#include "base/error.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <netinet/in.h>

#include <array>
#include <fcntl.h>

namespace dns {

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds connection_idle_limit{10};
constexpr std::chrono::milliseconds exhausted_pause{100}; // no descriptors or memory for a connection
constexpr std::size_t max_connections = 64;               // of a container
constexpr std::size_t max_under_way = 512;                // datagrams of a container that wait for an answer

template <typename Action>
struct OnExit {
    Action action;

    ~OnExit() { action(); }
};

int released_nonblocking(base::UniqueFd &fd) {
    const int flags = base::check(fcntl(fd.get(), F_GETFL), "fcntl", "DNS socket");
    base::check(fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK), "fcntl", "DNS socket");
    return fd.release();
}

// The questions that have to wait; the others are answered on the spot.
const Pending *waiting(const Outcome &outcome) {
    if (const auto *held = std::get_if<Held>(&outcome))
        return &held->pending;
    if (const auto *forwarded = std::get_if<Forwarded>(&outcome))
        return &forwarded->pending;
    return nullptr;
}

} // namespace

void Connection::arm_idle(const std::shared_ptr<Connection> &self) {
    idle.expires_after(connection_idle_limit);
    idle.async_wait([self](const boost::system::error_code &error) {
        if (!error)
            self->close();
    });
}

void Connection::close() {
    boost::system::error_code ignored; // the descriptor is gone either way
    socket.close(ignored);
    idle.cancel();
}

Listener::Listener(std::shared_ptr<Shared> shared, std::string container, View view, base::UniqueFd udp,
                   base::UniqueFd tcp)
    : shared_(std::move(shared)), container_(std::move(container)), view_(std::move(view)),
      udp_(shared_->io, released_nonblocking(udp)), tcp_(shared_->io, released_nonblocking(tcp)) {}

void Listener::start() {
    base::spawn(shared_->io.get_executor(), "DNS over UDP for " + container_, serve_udp());
    base::spawn(shared_->io.get_executor(), "DNS over TCP for " + container_, serve_tcp());
}

void Listener::close() {
    closed_ = true;
    boost::system::error_code ignored; // the descriptors are gone either way
    udp_.close(ignored);
    tcp_.close(ignored);
    for (const auto &connection : connections_)
        connection->close();
}

base::Task<> Listener::serve_udp() {
    const auto self = shared_from_this();
    boost::system::error_code error;
    while (true) {
        co_await udp_.async_wait(asio::posix::stream_descriptor::wait_read,
                                 asio::redirect_error(asio::use_awaitable, error));
        if (closed_ || error)
            co_return;
        receive_batch();
    }
}

void Listener::receive_batch() {
    UdpBatch &batch = shared_->batch;
    const int fd = udp_.native_handle();
    const std::size_t count = batch.receive(fd);
    if (count > 0)
        shared_->refresh(view_);
    for (std::size_t i = 0; i < count; ++i) {
        Outcome outcome = resolve(shared_->zone, view_, batch.datagram(i), Transport::udp);
        if (auto *answered = std::get_if<Answered>(&outcome)) {
            batch.reply(i, std::move(answered->message));
        } else if (const Pending *pending = waiting(outcome)) {
            if (under_way_ >= max_under_way) {
                batch.reply(i, server_failure(*pending));
                continue;
            }
            ++under_way_;
            base::spawn(shared_->io.get_executor(), "DNS answer for " + container_,
                        answer_later(batch.peer(i), std::move(outcome)));
        }
    }
    batch.flush(fd);
}

base::Task<> Listener::answer_later(Peer peer, Outcome outcome) {
    const auto self = shared_from_this();
    const OnExit leave{[&] { --under_way_; }};
    const std::optional<Bytes> message = co_await settle(std::move(outcome));
    if (message && !closed_)
        send_datagram(udp_.native_handle(), peer, *message);
}

base::Task<std::optional<Bytes>> Listener::settle(Outcome outcome) {
    const Clock::time_point deadline = Clock::now() + hold_limit;
    while (const auto *held = std::get_if<Held>(&outcome)) {
        co_await hold(deadline);
        if (closed_)
            co_return std::nullopt;
        shared_->refresh(view_);
        outcome = resolve_held(shared_->zone, view_, Pending(held->pending), Clock::now() >= deadline);
    }
    if (auto *forwarded = std::get_if<Forwarded>(&outcome)) {
        std::optional<Bytes> answer = co_await shared_->upstream.ask(
            view_.servers, std::move(forwarded->query), forwarded->pending.edns.has_value());
        co_return answer ? relay(forwarded->pending, std::move(*answer)) : server_failure(forwarded->pending);
    }
    if (auto *answered = std::get_if<Answered>(&outcome))
        co_return std::move(answered->message);
    co_return std::nullopt;
}

base::Task<> Listener::hold(Clock::time_point deadline) {
    asio::steady_timer timer(shared_->io, deadline);
    shared_->holds.insert(&timer);
    boost::system::error_code error;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
    shared_->holds.erase(&timer);
}

base::Task<> Listener::serve_tcp() {
    const auto self = shared_from_this();
    boost::system::error_code error;
    while (true) {
        co_await tcp_.async_wait(asio::posix::stream_descriptor::wait_read,
                                 asio::redirect_error(asio::use_awaitable, error));
        if (closed_ || error)
            co_return;
        if (!accept_all())
            co_await hold(Clock::now() + exhausted_pause);
    }
}

bool Listener::accept_all() {
    while (true) {
        base::UniqueFd accepted(
            accept4(tcp_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!accepted)
            return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
        if (connections_.size() >= max_connections)
            continue;
        auto connection = std::make_shared<Connection>(shared_->io);
        connection->socket.assign({AF_INET, IPPROTO_TCP}, accepted.release());
        connections_.insert(connection);
        base::spawn(shared_->io.get_executor(), "DNS over TCP for " + container_,
                    serve_connection(std::move(connection)));
    }
}

// Answers come in the order of the questions, so that a client may send several without waiting.
base::Task<> Listener::serve_connection(std::shared_ptr<Connection> connection) {
    const auto self = shared_from_this();
    const OnExit leave{[&] {
        connection->close();
        connections_.erase(connection);
    }};
    boost::system::error_code error;
    std::array<std::uint8_t, 2> length{};
    Bytes query;
    while (!closed_) {
        connection->arm_idle(connection);
        co_await asio::async_read(connection->socket, asio::buffer(length),
                                  asio::redirect_error(asio::use_awaitable, error));
        if (error)
            break;
        query.resize(static_cast<std::size_t>(length[0]) << 8 | length[1]);
        co_await asio::async_read(connection->socket, asio::buffer(query),
                                  asio::redirect_error(asio::use_awaitable, error));
        if (error)
            break;
        connection->idle.cancel();
        shared_->refresh(view_);
        const std::optional<Bytes> message =
            co_await settle(resolve(shared_->zone, view_, query, Transport::tcp));
        if (!message)
            break;
        length = {static_cast<std::uint8_t>(message->size() >> 8),
                  static_cast<std::uint8_t>(message->size())};
        const std::array<asio::const_buffer, 2> parts = {asio::buffer(length), asio::buffer(*message)};
        connection->arm_idle(connection);
        co_await asio::async_write(connection->socket, parts,
                                   asio::redirect_error(asio::use_awaitable, error));
        if (error)
            break;
    }
}

} // namespace dns
