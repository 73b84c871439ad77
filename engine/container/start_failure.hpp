// Why a process could not be started inside a container. Trivial data in the child, a sentence in the parent.
#pragma once

#include "base/error.hpp"

#include <cstdint>
#include <string>

namespace container {

enum class StartStage : std::uint32_t {
    setup, // namespaces, descriptors
    join,  // entering another container's namespaces
    cgroup,
    rootfs, // the root file system itself
    mount,  // anything mounted into it
    sysctl,
    hostname,
    rlimit,
    user, // groups, ids
    capability,
    seccomp,
    cwd,
    stdio,
    terminal,
    exec,        // the program does not exist or can't be executed
    interpreter, // it exists, but what its first line or header names does not
};

struct StartFailure {
    StartStage stage = StartStage::setup;
    int error = 0;       // errno
    std::string subject; // the path or name that failed

    // 127 when the program does not exist, 126 when it can't be executed, 128 for everything before.
    [[nodiscard]] int exit_code() const;
    // "mount /data: No such file or directory", "exec \"nginx\": executable file not found in $PATH"
    [[nodiscard]] std::string message() const;
    [[nodiscard]] std::string hint() const;
};

// The same as an error that reads "PREFIX: MESSAGE", or just the message without a prefix.
class StartError : public base::Error {
  public:
    StartError(const std::string &prefix, const StartFailure &failure);

    [[nodiscard]] const StartFailure &failure() const noexcept { return failure_; }

  private:
    StartFailure failure_;
};

} // namespace container
