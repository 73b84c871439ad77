// The standard streams of one container: FIFOs (or a terminal) on one side, the log on the other, standard
// input for whoever attaches. The keeper holds an end of each, so that nothing is lost between supervisors.
#pragma once

#include "base/fd.hpp"
#include "engine/container/spawn.hpp"
#include "engine/container/spec.hpp"
#include "supervisor/log_pump.hpp"
#include "supervisor/runtime.hpp"

#include <memory>
#include <vector>

namespace supervisor {

class ContainerOutput {
  public:
    ContainerOutput(Runtime &runtime, const container::Spec &spec, std::filesystem::path directory);
    ~ContainerOutput();

    // Opens the streams for a new process; valid until started() or failed().
    container::Stdio open();
    // The process runs. terminal: the master side, if it has one.
    void started(base::UniqueFd terminal);
    void failed();
    // Takes over a running process's streams from the keeper and from the FIFOs' names.
    void adopt();

    // The process has ended: moves the rest into the log and lets everything go.
    void close();

    // For a client that attaches: standard input's writing end, or the terminal. With `once` input ends when
    // the client closes its copy. Invalid when the container takes no input.
    [[nodiscard]] base::UniqueFd take_input(bool once);

  private:
    void pump(base::UniqueFd fd, Stream stream);
    [[nodiscard]] std::string stored_name(const char *what) const;

    Runtime &runtime_;
    const container::Spec &spec_;
    std::filesystem::path directory_;
    std::filesystem::path run_;
    std::shared_ptr<LogFile> log_;
    std::vector<std::shared_ptr<LogPump>> pumps_;
    base::UniqueFd out_, err_; // the process's ends while it is being started
    base::UniqueFd in_read_;
    base::UniqueFd input_; // writing end of standard input, or the terminal
};

} // namespace supervisor
