// Runs a ProgramBuilder's table in a new process that shares this one's memory until it executes a program.
#pragma once

#include "base/fd.hpp"
#include "engine/container/program_builder.hpp"
#include "engine/container/start_failure.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace container {

// A stack for the child, with an inaccessible page below.
class ChildStack {
  public:
    ChildStack();
    ~ChildStack();
    ChildStack(const ChildStack &) = delete;
    ChildStack &operator=(const ChildStack &) = delete;

    void give_to(clone_args &args) const;

  private:
    void *memory_;
};

class Launch {
  public:
    Launch();
    // Kills and waits for a child that still shares our memory.
    ~Launch();
    Launch(const Launch &) = delete;
    Launch &operator=(const Launch &) = delete;

    ProgramBuilder builder;

    // Clones with these CLONE_* flags and closes the builder's descriptors. cgroup_fd: for CLONE_INTO_CGROUP;
    // -1 is none. Without CLONE_PARENT the child is ours to reap. @throws base::SystemError.
    void start(std::uint64_t flags, int cgroup_fd);

    // Ends the child's `await` step that is not the last one.
    void proceed();
    // To be called once when the builder has an `await` step, for the last one.
    void release();

    // The child runs its program, or failed. Neither blocks, except for the microseconds it takes to leave.
    [[nodiscard]] bool decided() const { return decided_; }

    // Reads the failure pipe, which must be readable or else nothing is decided.
    void poll();
    // Blocks until it is decided.
    void wait();

    [[nodiscard]] const std::optional<StartFailure> &failure() const { return failure_; }

    // SIGKILL, and wait for the end.
    void kill();
    // Waits until the child itself has ended, for one whose program goes on in another process.
    void reap();

    [[nodiscard]] int failure_fd() const { return failure_read_.get(); }

    pid_t pid = 0;
    base::UniqueFd pidfd;

  private:
    void wait_for_end();

    ChildStack stack_;
    base::Pipe sync_;
    base::UniqueFd failure_read_;
    base::UniqueFd failure_write_;
    bool started_ = false;
    bool decided_ = false;
    bool ours_to_reap_ = false; // and not reaped yet
    std::optional<StartFailure> failure_;
};

} // namespace container
