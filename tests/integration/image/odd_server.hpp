// A small HTTP server that answers as the test says, right or wrong. One request per connection.
#pragma once

#include "integration/image/registry.hpp"

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace image::test {

struct OddRequest {
    std::string line;    // "GET /v2/x HTTP/1.1"
    std::string headers; // as received
    std::string body;    // as received, chunks with their lengths

    [[nodiscard]] bool asks_for(const std::string &part) const {
        return line.find(part) != std::string::npos;
    }
};

class OddServer {
  public:
    // @returns the whole answer as it goes over the wire; the connection is closed after it.
    using Handler = std::function<std::string(const OddRequest &)>;

    explicit OddServer(Handler handler)
        : handler_(std::move(handler)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address = loopback(0);
        socklen_t size = sizeof address;
        REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr *>(&address), size) == 0);
        REQUIRE(::listen(listener_.get(), 32) == 0);
        REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr *>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }

    OddServer(const OddServer &) = delete;
    OddServer &operator=(const OddServer &) = delete;

    ~OddServer() {
        ::shutdown(listener_.get(), SHUT_RDWR);
        thread_.join();
    }

    [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

    [[nodiscard]] std::vector<std::string> lines() const {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

    static std::string answer(const std::string &status, const std::string &body,
                              const std::string &headers = {}) {
        return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size())
               + "\r\nConnection: close\r\n\r\n" + body;
    }

  private:
    static bool is_whole(const OddRequest &request) {
        constexpr std::string_view length = "Content-Length: ";
        if (request.headers.find("Transfer-Encoding: chunked") != std::string::npos)
            return request.body.ends_with("0\r\n\r\n");
        const auto found = request.headers.find(length);
        return found == std::string::npos
               || request.body.size() >= std::stoul(request.headers.substr(found + length.size()));
    }

    static void receive_body(int client, OddRequest &request) {
        if (request.headers.find("Expect: 100-continue") != std::string::npos) {
            constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
            ::send(client, go_on.data(), go_on.size(), MSG_NOSIGNAL);
        }
        char buffer[65536];
        while (!is_whole(request)) {
            const ssize_t count = ::recv(client, buffer, sizeof buffer, 0);
            if (count <= 0)
                return;
            request.body.append(buffer, static_cast<std::size_t>(count));
        }
    }

    void serve() {
        for (;;) {
            const base::UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!client)
                return;
            std::string text;
            char buffer[4096];
            while (text.find("\r\n\r\n") == std::string::npos) {
                const ssize_t count = ::recv(client.get(), buffer, sizeof buffer, 0);
                if (count <= 0)
                    break;
                text.append(buffer, static_cast<std::size_t>(count));
                // A TLS hello is no request: closing is what a plain server does.
                if (text[0] == 0x16)
                    break;
            }
            if (text.find("\r\n\r\n") == std::string::npos)
                continue;
            OddRequest request{
                text.substr(0, text.find("\r\n")), text.substr(0, text.find("\r\n\r\n") + 4), {}};
            request.body = text.substr(request.headers.size());
            receive_body(client.get(), request);
            {
                const std::lock_guard lock(mutex_);
                lines_.push_back(request.line);
            }
            const std::string answer = handler_(request);
            for (std::size_t sent = 0; sent < answer.size();) {
                const ssize_t count =
                    ::send(client.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
                if (count <= 0)
                    break;
                sent += static_cast<std::size_t>(count);
            }
        }
    }

    Handler handler_;
    base::UniqueFd listener_;
    int port_ = 0;
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
    std::thread thread_;
};

} // namespace image::test
