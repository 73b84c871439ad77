// The last part of a child's program, the same for a container's first process and for exec: from standard
// input to execve. The order is what makes it work; each hazard is told where it lies.
#pragma once

#include "engine/container/capabilities.hpp"
#include "engine/container/program_builder.hpp"
#include "engine/container/seccomp.hpp"
#include "engine/container/spec.hpp"
#include "engine/container/users.hpp"

#include <string>
#include <vector>

namespace container {

struct ProcessWork {
    std::vector<std::string> argv;
    std::vector<std::string> env;
    std::string cwd;
    bool make_cwd = false; // the container's own working directory, made when missing as Docker does
    Identity identity;
    CapabilitySet capabilities;
    const SeccompProgram *filter = nullptr; // null: unconfined
    bool no_new_privileges = false;
    bool dies_with_caller = false; // killed when the thread that creates it ends
    std::vector<Rlimit> rlimits;
    int stdio[3] = {-1, -1, -1}; // -1 is /dev/null. With a terminal, all three are its slave side
    bool terminal = false;
};

// @throws base::Error for an unknown limit.
void add_process_steps(ProgramBuilder &builder, const ProcessWork &work);

// The RLIMIT_* it names. @throws base::Error for an unknown one.
[[nodiscard]] int resource_of(const Rlimit &limit);

// Pipes are given to the user, so that the program can reopen /dev/stdout. @throws base::SystemError.
void give_pipes(const int (&stdio)[3], uid_t owner);

} // namespace container
