// Serves the control API on a listening unix socket. One thread; each connection is a coroutine and carries
// one request.
#pragma once

#include "base/async.hpp"
#include "base/fd.hpp"
#include "base/json_fwd.hpp"
#include "supervisor/api.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace supervisor {

// The answer to one request while it is being worked on.
class Reply {
  public:
    virtual ~Reply() = default;
    // Queued and written in order; dropped when the client is gone.
    virtual void send(const Answer &answer) = 0;
    // Descriptors for the client, after which the connection carries nothing more (api_attach).
    virtual void hand_over(std::vector<base::UniqueFd> fds) = 0;
    [[nodiscard]] virtual bool client_gone() const = 0;
    // Called once when the client closes its end; at once when it already has.
    virtual void on_client_gone(std::function<void()> callback) = 0;
};

// Works on a request to its end; what it throws becomes a `failed` answer, returning a `done` one.
using Handler = std::function<base::Task<>(std::string path, std::shared_ptr<const base::Json> body,
                                           std::shared_ptr<Reply> reply)>;

class ApiServer {
  public:
    // listener: a listening SOCK_STREAM unix socket.
    ApiServer(const boost::asio::any_io_executor &executor, base::UniqueFd listener, Handler handler);
    ~ApiServer();

    void start();
    // Requests being served now.
    [[nodiscard]] int active() const;
    // Called each time the last request has ended.
    void on_idle(std::function<void()> callback);
    // True when a connection waits to be accepted.
    [[nodiscard]] bool connection_waiting() const;

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

} // namespace supervisor
