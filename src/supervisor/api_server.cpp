#include "supervisor/api_server.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <sys/socket.h>

#include <cstring>
#include <deque>
#include <poll.h>

namespace supervisor {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Socket = asio::local::stream_protocol::socket;

constexpr std::uint64_t largest_request = 64ULL * 1024 * 1024;
constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\r\n";

// Sends bytes with descriptors attached to the first of them. @throws SystemError.
void send_descriptors(int socket, const std::vector<base::UniqueFd> &fds) {
    char byte = 'F';
    iovec data{&byte, 1};
    std::vector<char> control(CMSG_SPACE(sizeof(int) * fds.size()));
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * fds.size());
    for (std::size_t i = 0; i < fds.size(); ++i) {
        const int fd = fds[i].get();
        std::memcpy(CMSG_DATA(header) + i * sizeof(int), &fd, sizeof fd);
    }
    pollfd writable{socket, POLLOUT, 0};
    ::poll(&writable, 1, 1000);
    base::check(::sendmsg(socket, &message, MSG_NOSIGNAL), "hand over descriptors", "");
}

class Connection : public Reply, public std::enable_shared_from_this<Connection> {
  public:
    explicit Connection(Socket socket) : socket_(std::move(socket)) {}

    void send(const Answer &answer) override {
        if (gone_)
            return;
        queue_.push_back(to_line(answer));
        if (!writing_) {
            writing_ = true;
            base::spawn(socket_.get_executor(), "answer", write(shared_from_this()));
        }
    }

    void hand_over(std::vector<base::UniqueFd> fds) override { fds_ = std::move(fds); }

    [[nodiscard]] bool client_gone() const override { return gone_; }

    void on_client_gone(std::function<void()> callback) override {
        if (gone_ && callback)
            callback();
        else
            on_gone_ = std::move(callback);
    }

    // Reads the request; empty path when the client sent none.
    base::Task<std::pair<std::string, std::string>> request() {
        boost::beast::flat_buffer buffer;
        http::request_parser<http::string_body> parser;
        parser.body_limit(largest_request);
        boost::system::error_code error;
        co_await http::async_read(socket_, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
        if (error)
            co_return std::pair<std::string, std::string>();
        co_return std::pair<std::string, std::string>(std::string(parser.get().target()),
                                                      parser.get().body());
    }

    void begin() {
        queue_.emplace_back(head);
        writing_ = true;
        base::spawn(socket_.get_executor(), "answer", write(shared_from_this()));
        base::spawn(socket_.get_executor(), "client", watch(shared_from_this()));
    }

    // After the last answer: everything written, then closed.
    static base::Task<> finish(std::shared_ptr<Connection> self) {
        while (self->writing_ && !self->gone_) {
            asio::steady_timer &idle = self->idle_;
            idle.expires_at(asio::steady_timer::time_point::max());
            boost::system::error_code ignored;
            co_await idle.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        if (!self->fds_.empty() && !self->gone_)
            send_descriptors(self->socket_.native_handle(), self->fds_);
        boost::system::error_code ignored;
        self->on_gone_ = nullptr;
        self->socket_.shutdown(Socket::shutdown_both, ignored);
        self->socket_.close(ignored);
    }

  private:
    static base::Task<> write(std::shared_ptr<Connection> self) {
        while (!self->queue_.empty() && !self->gone_) {
            std::string batch;
            for (const std::string &line : self->queue_)
                batch += line;
            self->queue_.clear();
            boost::system::error_code error;
            co_await asio::async_write(self->socket_, asio::buffer(batch),
                                       asio::redirect_error(asio::use_awaitable, error));
            if (error)
                self->lose_client();
        }
        self->writing_ = false;
        self->idle_.cancel();
    }

    // The client sends nothing after its request: whatever arrives is its end.
    static base::Task<> watch(std::shared_ptr<Connection> self) {
        char byte = 0;
        boost::system::error_code error;
        while (!error)
            co_await self->socket_.async_read_some(asio::buffer(&byte, 1),
                                                   asio::redirect_error(asio::use_awaitable, error));
        self->lose_client();
    }

    void lose_client() {
        if (gone_)
            return;
        gone_ = true;
        idle_.cancel();
        if (const auto callback = std::exchange(on_gone_, nullptr))
            callback();
    }

    Socket socket_;
    asio::steady_timer idle_{socket_.get_executor()};
    std::deque<std::string> queue_;
    std::vector<base::UniqueFd> fds_;
    std::function<void()> on_gone_;
    bool writing_ = false;
    bool gone_ = false;
};

Answer failure(const std::exception &error) {
    Answer answer{.kind = AnswerKind::failed, .text = error.what()};
    if (const auto *ours = dynamic_cast<const base::Error *>(&error)) {
        answer.hint = ours->hint();
        answer.exit_code = ours->exit_code();
    }
    return answer;
}

} // namespace

struct ApiServer::Impl : std::enable_shared_from_this<ApiServer::Impl> {
    asio::local::stream_protocol::acceptor acceptor;
    Handler handler;
    std::function<void()> idle;
    int active = 0;

    Impl(const asio::any_io_executor &executor, base::UniqueFd listener, Handler serve)
        : acceptor(executor, asio::local::stream_protocol(), listener.release()), handler(std::move(serve)) {
        acceptor.non_blocking(true);
    }

    static base::Task<> accept(std::shared_ptr<Impl> self) {
        for (;;) {
            boost::system::error_code error;
            // Wait, then accept: an asynchronous accept could have taken a connection that nobody counts yet,
            // and connection_waiting() would miss it.
            co_await self->acceptor.async_wait(asio::local::stream_protocol::acceptor::wait_read,
                                               asio::redirect_error(asio::use_awaitable, error));
            if (error)
                co_return;
            Socket socket = self->acceptor.accept(error);
            if (error)
                continue;
            ++self->active;
            auto connection = std::make_shared<Connection>(std::move(socket));
            base::spawn(self->acceptor.get_executor(), "request", serve(self, connection));
        }
    }

    static base::Task<> serve(std::shared_ptr<Impl> self, std::shared_ptr<Connection> connection) {
        Answer last{.kind = AnswerKind::done};
        std::pair<std::string, std::string> request = co_await connection->request();
        if (!request.first.empty()) {
            connection->begin();
            try {
                auto body = std::make_shared<const base::Json>(base::parse_json(request.second, "request"));
                std::string().swap(request.second);
                std::shared_ptr<Reply> reply = connection;
                co_await self->handler(request.first, body, reply);
            } catch (const std::exception &error) {
                last = failure(error);
            }
            connection->send(last);
        }
        co_await Connection::finish(connection);
        if (--self->active == 0 && self->idle)
            self->idle();
    }
};

ApiServer::ApiServer(const asio::any_io_executor &executor, base::UniqueFd listener, Handler handler)
    : impl_(std::make_shared<Impl>(executor, std::move(listener), std::move(handler))) {}

ApiServer::~ApiServer() {
    boost::system::error_code ignored;
    impl_->acceptor.close(ignored);
}

void ApiServer::start() {
    base::spawn(impl_->acceptor.get_executor(), "accept", Impl::accept(impl_));
}

int ApiServer::active() const {
    return impl_->active;
}

void ApiServer::on_idle(std::function<void()> callback) {
    impl_->idle = std::move(callback);
}

bool ApiServer::connection_waiting() const {
    pollfd ready{impl_->acceptor.native_handle(), POLLIN, 0};
    return ::poll(&ready, 1, 0) > 0;
}

} // namespace supervisor
