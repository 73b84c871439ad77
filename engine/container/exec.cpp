#include "engine/container/exec.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"
#include "engine/container/environment.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/launch.hpp"
#include "engine/container/process_steps.hpp"
#include "engine/container/rootfs.hpp"
#include "engine/container/security.hpp"
#include "engine/container/terminal.hpp"
#include "engine/container/user_namespace.hpp"
#include "engine/container/users.hpp"

#include <linux/magic.h>
#include <sys/prctl.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <cerrno>
#include <fcntl.h>
#include <optional>

namespace container {

namespace {

constexpr int cannot_exec = 126;

constexpr std::uint64_t all_namespaces =
    CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

[[noreturn]] void throw_not_running(const Spec &spec) {
    throw base::Error("container " + spec.name + " is not running",
                      "start it with `compose up -d` or `compose start`");
}

base::UniqueFd open_root(const Spec &spec, const ProcessIdentity &target, int pidfd) {
    base::UniqueFd root(
        ::open(("/proc/" + std::to_string(target.pid) + "/root").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    // Whose root it is holds only if the process is still there.
    if (!root || base::sys_pidfd_send_signal(pidfd, 0) < 0)
        throw_not_running(spec);
    return root;
}

Terminal open_container_terminal(int root, WindowSize window, uid_t owner) {
    const base::UniqueFd pts = open_in_root(root, "/dev/pts", O_RDONLY | O_DIRECTORY);

    struct statfs status {};

    if (!pts || ::fstatfs(pts.get(), &status) < 0 || status.f_type != DEVPTS_SUPER_MAGIC)
        throw base::Error("the container has no terminals: its /dev/pts is not what it was given", "",
                          cannot_exec);
    return open_terminal(pts.get(), window, owner);
}

// As in Docker: group_add belongs to the container's own user.
Identity identity_for(const Spec &spec, const ExecSpec &what, int root) {
    const UserFiles files = read_user_files(root);
    return what.user.empty() ? resolve_user(files, spec.process.user, spec.process.group_add)
                             : resolve_user(files, what.user, {});
}

ProcessWork process_for(const Spec &spec, const ExecSpec &what, const Identity &identity,
                        SeccompCache &seccomp) {
    std::vector<std::string> warnings; // given at the container's start
    const Confinement confinement = confine(spec, what.privileged, seccomp, warnings);
    ProcessWork work;
    work.argv = what.argv;
    work.env = compose_environment(spec, what.env, identity.home, what.tty);
    work.cwd = !what.cwd.empty() ? what.cwd : !spec.process.cwd.empty() ? spec.process.cwd : "/";
    work.identity = identity;
    work.capabilities = confinement.capabilities;
    work.filter = confinement.filter;
    work.no_new_privileges = spec.security.no_new_privileges;
    work.rlimits = spec.process.rlimits;
    return work;
}

// The rest of the limits, which lowers them, comes with the other steps.
void add_raised_limits(ProgramBuilder &builder, const Spec &spec) {
    for (const RaisedLimit &raised : raised_limits(spec.process.rlimits)) {
        Step &step = builder.add(Op::rlimit, StartStage::rlimit, raised.name);
        step.x = static_cast<std::uint64_t>(raised.resource);
        step.y = builder.limits.size();
        builder.limits.push_back(raised.limit);
    }
}

// The first child enters the namespaces; only its own child is in the pid namespace. By CLONE_PARENT that one
// is a child of this process, which alone can then wait for it.
pid_t enter(Launch &launch, clone_args &fork_args, int cgroup_fd, bool own_memory) {
    fork_args.flags = (own_memory ? 0 : CLONE_VM) | CLONE_PARENT | CLONE_CLEAR_SIGHAND;
    launch.builder.program.fork_args = &fork_args;
    launch.start(CLONE_VM, cgroup_fd);
    launch.reap();
    return launch.builder.program.forked_pid;
}

[[noreturn]] void throw_failure(const Spec &spec, const StartFailure &failure) {
    if (failure.stage == StartStage::join || failure.stage == StartStage::cgroup)
        throw_not_running(spec);
    const int code = failure.exit_code();
    throw base::Error(failure.message(), failure.hint(), code == 128 ? cannot_exec : code);
}

int shell_code(const siginfo_t &info) {
    return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

std::optional<int> wait_with(int pidfd, int options) {
    siginfo_t info{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd), &info, WEXITED | __WALL | options) < 0)
        if (errno != EINTR)
            base::throw_errno("wait for", "exec");
    return info.si_pid == 0 ? std::nullopt : std::optional(shell_code(info));
}

// It waits for the score; without one it does not go on.
void give_score(Launch &launch, const ExecProcess &process, int score) {
    const std::string text = std::to_string(score);
    const std::string path = "/proc/" + std::to_string(process.pid) + "/oom_score_adj";
    try {
        base::write_all(base::open_file(path, O_WRONLY).get(), text, "oom_score_adj " + text);
    } catch (...) {
        send_signal(process.pidfd.get(), SIGKILL);
        wait_with(process.pidfd.get(), 0);
        throw;
    }
    launch.release();
}

} // namespace

ExecProcess exec(const Spec &container, const ProcessIdentity &target, const ExecSpec &what,
                 SeccompCache &seccomp) {
    if (what.argv.empty())
        throw base::Error("exec needs a command", "", cannot_exec);
    const std::optional<base::UniqueFd> pidfd = open_verified(target);
    if (!pidfd)
        throw_not_running(container);
    // The container's processes see ours before it gives up its privileges: they may not trace it.
    base::check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "forbid tracing", "");
    const base::UniqueFd root = open_root(container, target, pidfd->get());
    const Identity identity = identity_for(container, what, root.get());
    const Cgroup cgroup = Cgroup::of_process(target.pid);
    if (cgroup.frozen())
        throw base::Error("container " + container.name + " is paused",
                          "resume it with `compose unpause`; a commit lets it go by itself");

    ProcessWork process = process_for(container, what, identity, seccomp);
    Terminal terminal;
    if (what.tty)
        terminal =
            open_container_terminal(root.get(), what.window, host_owner(container, {identity.uid, 0}).uid);
    process.terminal = what.tty;
    process.stdio[0] = what.tty ? terminal.slave.get() : what.stdio.in;
    process.stdio[1] = what.tty ? terminal.slave.get() : what.stdio.out;
    process.stdio[2] = what.tty ? terminal.slave.get() : what.stdio.err;

    const ChildStack fork_stack;
    clone_args fork_args{};
    fork_stack.give_to(fork_args);
    Launch launch;
    for (const base::UniqueFd &tasks : cgroup.tasks_fds())
        launch.builder.add_slot(Op::write_zero, StartStage::cgroup, launch.builder.borrow(tasks.get()));
    if (has_own_users(container))
        add_raised_limits(launch.builder, container);
    launch.builder.add_slot(Op::setns, StartStage::join, launch.builder.borrow(pidfd->get())).x =
        all_namespaces | (has_own_users(container) ? CLONE_NEWUSER : 0);
    launch.builder.add(Op::fork, StartStage::join);
    // The kernel sets the score of all who share memory: this one has its own, and waits for its score.
    const std::optional<int> score = container.process.oom_score_adj;
    if (score)
        launch.builder.add(Op::await, StartStage::setup);
    launch.builder.add(Op::umask, StartStage::setup).x = 0022;
    add_process_steps(launch.builder, process);
    const pid_t pid = enter(launch, fork_args, cgroup.cgroup_fd(), score.has_value());

    ExecProcess result;
    result.pid = pid;
    if (pid > 0)
        result.pidfd.reset(base::check(base::sys_pidfd_open(pid), "open", "exec process"));
    if (score && pid > 0)
        give_score(launch, result, *score);
    launch.wait();
    if (launch.failure()) {
        if (pid > 0)
            wait_with(result.pidfd.get(), 0);
        throw_failure(container, *launch.failure());
    }
    if (pid <= 0)
        throw_not_running(container);
    result.terminal = std::move(terminal.master);
    return result;
}

int ExecProcess::wait() {
    return *wait_with(pidfd.get(), 0);
}

std::optional<int> ExecProcess::try_wait() {
    return wait_with(pidfd.get(), WNOHANG);
}

} // namespace container
