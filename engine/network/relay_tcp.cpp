#include "base/async.hpp"
#include "engine/network/relay.hpp"
#include "engine/network/relay_endpoint.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <set>

namespace network {

namespace asio = boost::asio;
using asio::ip::tcp;
using base::Task;

namespace {

constexpr auto result = asio::as_tuple(asio::use_awaitable);

struct Connection {
    tcp::socket client;
    tcp::socket server;
    int open_directions = 2;

    Connection(tcp::socket accepted, asio::io_context &io) : client(std::move(accepted)), server(io) {}

    void close() {
        boost::system::error_code ignored;
        client.close(ignored);
        server.close(ignored);
    }

    // The client sees a reset, as if nobody listened.
    void refuse() {
        boost::system::error_code ignored;
        client.set_option(asio::socket_base::linger(true, 0), ignored);
        close();
    }
};

class TcpRelay final : public Relay, public std::enable_shared_from_this<TcpRelay> {
  public:
    TcpRelay(asio::io_context &io, base::UniqueFd listener, const RelayTarget &target)
        : io_(io), acceptor_(io), target_(target) {
        acceptor_.assign(protocol_of<tcp>(listener.get()), listener.get());
        (void)listener.release();
    }

    void retarget(const IpAddress &target) override { target_.address = target; }

    void close() override {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        for (const auto &connection : connections_)
            connection->close();
    }

    static Task<> accept_all(std::shared_ptr<TcpRelay> self);

  private:
    static Task<> serve(std::shared_ptr<TcpRelay> self, std::shared_ptr<Connection> connection);
    static Task<> pump(std::shared_ptr<TcpRelay> self, std::shared_ptr<Connection> connection,
                       bool to_server);
    void finish_direction(const std::shared_ptr<Connection> &connection);

    asio::io_context &io_;
    tcp::acceptor acceptor_;
    RelayTarget target_;
    std::set<std::shared_ptr<Connection>> connections_;
};

Task<> TcpRelay::accept_all(std::shared_ptr<TcpRelay> self) {
    asio::steady_timer pause(self->io_);
    while (self->acceptor_.is_open()) {
        auto [error, client] = co_await self->acceptor_.async_accept(result);
        if (!error) {
            auto connection = std::make_shared<Connection>(std::move(client), self->io_);
            self->connections_.insert(connection);
            base::spawn(self->io_.get_executor(), "relay a connection", serve(self, connection));
        } else if (self->acceptor_.is_open() && error != asio::error::connection_aborted) {
            // Out of descriptors: the connection stays in the queue and would be tried again at once.
            pause.expires_after(std::chrono::milliseconds(100));
            (void)co_await pause.async_wait(result);
        }
    }
}

Task<> TcpRelay::serve(std::shared_ptr<TcpRelay> self, std::shared_ptr<Connection> connection) {
    const auto endpoint = endpoint_of<tcp>(self->target_);
    const auto [failure] = co_await connection->server.async_connect(endpoint, result);
    if (failure) {
        connection->refuse();
        self->connections_.erase(connection);
        co_return;
    }
    boost::system::error_code ignored;
    for (tcp::socket *socket : {&connection->client, &connection->server}) {
        socket->set_option(tcp::no_delay(true), ignored);
        socket->set_option(asio::socket_base::keep_alive(true), ignored);
    }
    base::spawn(self->io_.get_executor(), "relay to the client", pump(self, connection, false));
    co_await pump(self, connection, true);
}

// One direction until its end; then the other side is told (half-close). An error ends both directions.
Task<> TcpRelay::pump(std::shared_ptr<TcpRelay> self, std::shared_ptr<Connection> connection,
                      bool to_server) {
    tcp::socket &from = to_server ? connection->client : connection->server;
    tcp::socket &to = to_server ? connection->server : connection->client;
    std::array<char, 32768> buffer;
    boost::system::error_code error;
    while (!error) {
        const auto [read_error, size] = co_await from.async_read_some(asio::buffer(buffer), result);
        error = read_error;
        if (size > 0) {
            const auto [write_error, written] =
                co_await asio::async_write(to, asio::buffer(buffer, size), result);
            if (write_error)
                error = write_error;
        }
    }
    if (error == asio::error::eof)
        to.shutdown(tcp::socket::shutdown_send, error);
    else
        connection->refuse();
    self->finish_direction(connection);
}

void TcpRelay::finish_direction(const std::shared_ptr<Connection> &connection) {
    if (--connection->open_directions > 0)
        return;
    connection->close();
    connections_.erase(connection);
}

} // namespace

std::shared_ptr<Relay> make_tcp_relay(asio::io_context &io, base::UniqueFd listener,
                                      const RelayTarget &target) {
    auto relay = std::make_shared<TcpRelay>(io, std::move(listener), target);
    base::spawn(io.get_executor(), "relay a published port", TcpRelay::accept_all(relay));
    return relay;
}

} // namespace network
