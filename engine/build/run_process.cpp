#include "engine/build/run_process.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cgroup.hpp"
#include "engine/container/create.hpp"
#include "engine/container/devices.hpp"
#include "engine/container/spawn.hpp"

#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace build {

namespace {

// The step's cgroup, gone at the end with everything in it.
class StepCgroup {
  public:
    explicit StepCgroup(const ProcessRun &run)
        : directory_(run.directory),
          cgroup_(container::Cgroup::create(container::detect_hierarchy(),
                                            {.project = cgroup_project,
                                             .id = run.spec.id,
                                             .parent = {},
                                             .resources = run.spec.resources,
                                             .devices = container::device_rules(run.spec)},
                                            warnings_)) {
        for (const std::string &warning : warnings_)
            run.warn(warning);
    }

    StepCgroup(const StepCgroup &) = delete;
    StepCgroup &operator=(const StepCgroup &) = delete;

    ~StepCgroup() {
        try {
            cgroup_.kill();
            cgroup_.remove();
        } catch (const base::Error &) {
            cgroup_.close_tasks();
            directory_.leave_to_sweep();
        }
    }

    [[nodiscard]] container::Cgroup &get() { return cgroup_; }

  private:
    const StepDirectory &directory_;
    std::vector<std::string> warnings_;
    container::Cgroup cgroup_;
};

class Joined {
  public:
    Joined(const ProcessRun &run, container::Child &child) : run_(run) {
        const base::UniqueFd netns = child.take_netns();
        if (!netns || run.network == nullptr
            || run.spec.namespaces.network.kind != container::NamespaceMode::Kind::private_)
            return;
        joined_ = true;
        const StepAddresses addresses = run.network->join(run.spec.id, netns.get(), run.network_name);
        container::write_hosts(run.directory.path(), run.spec, {.host_gateway = addresses.host},
                               {{addresses.own, container::own_names(run.spec)}});
    }

    Joined(const Joined &) = delete;
    Joined &operator=(const Joined &) = delete;

    ~Joined() {
        try {
            if (joined_)
                run_.network->leave(run_.spec.id);
        } catch (const base::Error &error) {
            run_.warn(error.what());
        }
    }

  private:
    const ProcessRun &run_;
    bool joined_ = false;
};

// Until every process of the step has closed its end. False when the build is cancelled.
bool copy_output(const ProcessRun &run, int pipe) {
    std::array<char, 65536> buffer;
    for (;;) {
        std::array<pollfd, 3> fds{{{pipe, POLLIN, 0},
                                   {run.cancellation.event_fd(), POLLIN, 0},
                                   {run.cancellation.user_fd(), POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR)
            base::throw_errno("wait for", "the output of the step");
        if ((fds[1].revents | fds[2].revents) != 0)
            return false;
        if (fds[0].revents == 0)
            continue;
        const ssize_t count = ::read(pipe, buffer.data(), buffer.size());
        if (count == 0)
            return true;
        if (count < 0 && errno != EINTR)
            base::throw_errno("read", "the output of the step");
        if (count > 0)
            run.output({buffer.data(), static_cast<std::size_t>(count)});
    }
}

int wait_for(int pidfd) {
    siginfo_t info{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | __WALL) < 0)
        if (errno != EINTR)
            base::throw_errno("wait for", "the process of the step");
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

// A program that closes its output is waited for, too, but not against the user's will.
bool wait_for_end(const ProcessRun &run, int pidfd) {
    std::array<pollfd, 3> fds{{{pidfd, POLLIN, 0},
                               {run.cancellation.event_fd(), POLLIN, 0},
                               {run.cancellation.user_fd(), POLLIN, 0}}};
    while (::poll(fds.data(), fds.size(), -1) < 0)
        if (errno != EINTR)
            base::throw_errno("wait for", "the process of the step");
    return (fds[1].revents | fds[2].revents) == 0;
}

} // namespace

int run_process(const ProcessRun &run) {
    // Of a step with the host's network, the host is the step itself; others are told better when they join.
    container::prepare(run.directory.path(), run.spec, {.host_gateway = "127.0.0.1"});
    StepCgroup cgroup(run);
    container::SeccompCache seccomp;
    const container::StepContext step{run.directory.path(), run.mounts};
    base::Pipe pipe = base::make_pipe();
    container::StartContext context{.paths = run.paths,
                                    .cgroup = cgroup.get(),
                                    .seccomp = seccomp,
                                    .stdio = {-1, pipe.write.get(), pipe.write.get()},
                                    .window = {},
                                    .join = {},
                                    .overlay = container::OverlayApi::automatic,
                                    .same_parent = false,
                                    .step = &step};
    container::Child child = container::spawn(run.spec, context);
    for (const std::string &warning : child.warnings())
        run.warn(warning);
    pipe.write.reset();
    const Joined joined(run, child);
    child.release();
    if (const auto failure = child.wait_started())
        throw container::StartError("", *failure);
    const bool finished = copy_output(run, pipe.read.get()) && wait_for_end(run, child.pidfd());
    if (!finished)
        container::send_signal(child.pidfd(), SIGKILL);
    const int code = wait_for(child.pidfd());
    if (!finished)
        run.cancellation.check();
    return code;
}

} // namespace build
