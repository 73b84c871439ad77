// The CLI's end of the control API (supervisor/api.hpp).
#pragma once

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/json_fwd.hpp"
#include "supervisor/api.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cli {

// The supervisor went away before it answered at all: another one can be asked the same.
class Unanswered : public base::Error {
  public:
    using Error::Error;
};

class Client {
  public:
    // socket: connected to a control socket of a supervisor.
    explicit Client(base::UniqueFd socket) : socket_(std::move(socket)) {}

    // Sends the one request of this connection. @throws Unanswered, base::SystemError.
    void send(const std::string &path, const base::Json &body);

    // The next answer. nullopt: nothing came within the time. @throws base::Error when the supervisor went
    // away before it was done, Unanswered when it had not even begun to answer.
    std::optional<supervisor::Answer> next(std::chrono::milliseconds patience);

    // The descriptors that end the answer to api_attach.
    std::vector<base::UniqueFd> receive_descriptors();

    // Readable when next() has something; -1 never.
    [[nodiscard]] int fd() const { return socket_.get(); }

    [[nodiscard]] bool has_buffered() const;

  private:
    bool fill(std::chrono::milliseconds patience);
    [[noreturn]] void throw_ended() const;

    base::UniqueFd socket_;
    std::string buffer_;
    bool head_read_ = false;
    std::vector<base::UniqueFd> descriptors_;
};

} // namespace cli
