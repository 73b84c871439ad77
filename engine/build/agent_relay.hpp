// RUN --mount=type=ssh: a socket for one step behind which an agent of the host answers. The step may have it
// under another owner than the agent's, and no longer than it runs.
#pragma once

#include "base/fd.hpp"

#include <filesystem>
#include <string>
#include <thread>

namespace build {

class AgentRelay {
  public:
    struct Rights {
        uid_t uid = 0;
        gid_t gid = 0;
        mode_t mode = 0600;
    };

    // socket: where to make it. agent: the socket that answers; asked only when somebody connects.
    // @throws base::SystemError.
    AgentRelay(const std::filesystem::path &socket, std::filesystem::path agent, const Rights &rights);
    // Ends its thread; who is still connected loses the connection.
    ~AgentRelay();
    AgentRelay(const AgentRelay &) = delete;
    AgentRelay &operator=(const AgentRelay &) = delete;

  private:
    void run() const;

    std::filesystem::path agent_;
    base::UniqueFd listener_;
    base::UniqueFd stop_;
    std::thread thread_;
};

// Connected; invalid when nobody listens there.
[[nodiscard]] base::UniqueFd connect_to(const std::filesystem::path &socket);

} // namespace build
