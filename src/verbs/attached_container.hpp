// This terminal, or these streams, on a container's first process: what it writes from now on is shown, what
// is typed goes there, until it ends.
#pragma once

#include "base/input.hpp"
#include "control/client.hpp"
#include "logs/log_session.hpp"
#include "verbs/context.hpp"

#include <optional>
#include <string>

namespace cli {

struct AttachStyle {
    bool tty = false;            // the container has a terminal: keys go through one by one
    bool forward_signals = true; // the first SIGINT or SIGTERM as SIGINT, further ones as SIGKILL
    std::string detach_sequence; // bytes after which it is left alone; empty: none
    bool from_now = false;       // leave out what was written before
};

class AttachedContainer {
  public:
    // Listens from here on, so that nothing is missed of a container that is started next.
    AttachedContainer(const Context &context, std::string project, std::string id, AttachStyle style);

    // Standard input from here on. once: nobody else will write there, so our end of file is the program's.
    // A program that has ended already takes none; that is no error.
    void take_input(bool once);

    // Until the container has ended: its exit code. Until the detach sequence or a signal that is not
    // forwarded: nullopt.
    [[nodiscard]] std::optional<int> relay();

    // As relay, when it can only end with the container.
    [[nodiscard]] int run();

  private:
    void listen();
    void resize() const;
    void copy_input();
    void take_events();
    void look_on_disk();
    void take_interrupts();

    const Context &context_;
    std::string project_;
    std::string id_;
    AttachStyle style_;
    LogSession logs_;
    std::optional<Client> events_;
    base::Input typed_;
    base::UniqueFd input_; // of the container
    std::optional<int> exit_code_;
    bool left_ = false;
    std::size_t matched_ = 0; // of the detach sequence
    int interrupts_ = 0;
};

} // namespace cli
