// Sends a request to the project's supervisor and shows its progress.
#pragma once

#include "base/json_fwd.hpp"
#include "control/client.hpp"
#include "terminal/progress.hpp"
#include "verbs/context.hpp"

#include <functional>
#include <string>
#include <vector>

namespace cli {

using OnEvent = std::function<void(const supervisor::Answer &)>;

// Until it is done. @throws base::Error with what the supervisor says; exit code 130 after Ctrl-C.
void follow(Client &client, Progress &progress, const OnEvent &on_event = {});

// Starts the supervisor if none runs, and follows the request.
void request(const Context &context, const std::string &project, const std::string &path,
             const base::Json &body, Progress &progress, const OnEvent &on_event = {});

// "SERVICE=N" of --scale and of the verb. @throws base::Error.
[[nodiscard]] std::map<std::string, int> parse_scale(const std::vector<std::string> &arguments);

// Signals end the process at once unless a guard lives; then they are only noted.
class InterruptGuard {
  public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard &) = delete;
    InterruptGuard &operator=(const InterruptGuard &) = delete;

    // SIGINTs and SIGTERMs since the guard was made.
    [[nodiscard]] static int count();
    // Readable after each of them; for poll(2).
    [[nodiscard]] static int fd();
};

} // namespace cli
