// Running one more program in a running container, from any process that may enter it: no supervisor is
// involved. The new process is a child of the caller, who waits for it; it has the container's namespaces,
// cgroups, capabilities, system call filter and limits. exec() blocks 1-3 ms.
#pragma once

#include "base/fd.hpp"
#include "engine/container/process.hpp"
#include "engine/container/seccomp.hpp"
#include "engine/container/spawn.hpp"
#include "engine/container/spec.hpp"
#include "engine/container/start_failure.hpp"

#include <optional>
#include <string>
#include <vector>

namespace container {

struct ExecSpec {
    std::vector<std::string> argv;
    std::vector<std::string> env; // NAME=VALUE, over the container's own
    std::string cwd;              // empty: the container's
    std::string user;             // empty: the container's
    bool tty = false;
    bool privileged = false;
    Stdio stdio;       // without a tty; -1 is /dev/null. Detached processes are given none
    WindowSize window; // with a tty
};

struct ExecProcess {
    pid_t pid = 0;
    base::UniqueFd pidfd;
    base::UniqueFd terminal; // the master side; invalid without a tty

    // Waits for its end. 0-255 as a shell counts: 128 + signal.
    [[nodiscard]] int wait();
    // Without blocking: nullopt while it runs. The pidfd is readable when it has ended.
    [[nodiscard]] std::optional<int> try_wait();
};

// Returns when the program runs. @param target the container's first process.
// @throws base::Error: the container is not running (also when it ends meanwhile); the user is unknown; the
// program can't be executed, with exit_code() 126 or 127.
[[nodiscard]] ExecProcess exec(const Spec &container, const ProcessIdentity &target, const ExecSpec &what,
                               SeccompCache &seccomp);

} // namespace container
