// Starting a container in two phases. spawn() makes its first process, in all its namespaces and with its
// file system mounted, and stops it before the program runs, so that the network can be attached; release()
// lets it go on. The process is a child of this process's own parent (CLONE_PARENT), which reaps it, and
// shares this process's memory until it executes the program: Child owns what it runs on.
//
// spawn() blocks for 2-4 ms and may be called from several threads. Nothing is mounted on the host.
// Killing this process before release() ends the child.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "engine/container/cgroup.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/container/seccomp.hpp"
#include "engine/container/spec.hpp"
#include "engine/container/start_failure.hpp"

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace container {

struct Stdio {
    // -1 is /dev/null. Pipes are given to the container's user (fchown). Not used with a tty.
    int in = -1;
    int out = -1;
    int err = -1;
};

struct WindowSize {
    unsigned short rows = 24;
    unsigned short columns = 80;
};

// The process of a build step: its changes become a layer, and nobody adopts it.
struct StepContext {
    // What prepare() made, instead of a container's directory. Its upper/ gets nothing that the program did
    // not write itself, but for the mount points that are missing.
    std::filesystem::path directory;
    std::map<std::string, int> mounts; // target -> a detached mount
};

struct StartContext {
    const base::Paths &paths;
    Cgroup &cgroup;
    SeccompCache &seccomp;
    Stdio stdio;
    WindowSize window;               // of the tty, when there is one
    std::map<std::string, int> join; // pidfds of the containers whose namespaces are shared, by id
    OverlayApi overlay = OverlayApi::automatic;
    bool same_parent = true; // false: a child of the caller instead, for programs without a keeper
    // Not same_parent: the process is killed when the thread that called spawn() ends, however it does.
    const StepContext *step = nullptr;
};

class Child {
  public:
    Child(Child &&) noexcept;
    Child &operator=(Child &&) noexcept;
    // As abandon() while the program does not run yet; afterwards the process is left alone.
    ~Child();

    [[nodiscard]] pid_t pid() const;

    [[nodiscard]] int pidfd() const;
    [[nodiscard]] base::UniqueFd take_pidfd();
    // Invalid when the network namespace is not the container's own.
    [[nodiscard]] base::UniqueFd take_netns();
    // The terminal's master side; invalid without a tty.
    [[nodiscard]] base::UniqueFd take_terminal();
    // The root file system's mount. While it is open, the process's exit does not wait for dirty pages of
    // the overlay; closing it does, so close it where blocking hurts nobody.
    [[nodiscard]] base::UniqueFd take_rootfs();

    // Lets the process execute its program. Call once.
    void release();

    // Readable when the start has succeeded or failed: then call outcome().
    [[nodiscard]] int failure_fd() const;

    struct Outcome {
        bool decided = false; // the program runs, or failed to
        std::optional<StartFailure> failure;
    };

    // Does not block. Once it is decided nothing is shared any more: the object may be destroyed.
    [[nodiscard]] Outcome outcome();
    // Waits for the decision: 1-2 ms after release().
    [[nodiscard]] std::optional<StartFailure> wait_started();

    // Kills the process and waits until it is gone. For a child that was released and runs, too.
    void abandon();

    // What could not be given but is not fatal, one sentence each.
    [[nodiscard]] const std::vector<std::string> &warnings() const;

    struct State;
    explicit Child(std::unique_ptr<State> state);

  private:
    std::unique_ptr<State> state_;
};

// @pre create() was called. @throws base::Error or SystemError for what fails before the process exists, and
// StartError when it failed at once; what fails later comes as an outcome.
[[nodiscard]] Child spawn(const Spec &spec, const StartContext &context);

// pidfd_send_signal(2). False when the process is gone. @throws base::SystemError otherwise.
bool send_signal(int pidfd, int signal);

// For either side of a terminal. @throws base::SystemError.
void set_window(int terminal, WindowSize window);

} // namespace container
