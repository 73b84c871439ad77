#include "engine/container/spawn.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"
#include "engine/container/capabilities.hpp"
#include "engine/container/environment.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/init_program.hpp"
#include "engine/container/launch.hpp"
#include "engine/container/mount_steps.hpp"
#include "engine/container/namespaces.hpp"
#include "engine/container/process_steps.hpp"
#include "engine/container/security.hpp"
#include "engine/container/sysctls.hpp"
#include "engine/container/user_namespace.hpp"

#include <linux/mount.h>
#include <sys/resource.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace container {

struct Child::State {
    Launch launch;
    base::UniqueFd netns;
    base::UniqueFd terminal;
    base::UniqueFd rootfs;
    std::vector<std::string> warnings;
};

namespace {

void add_cgroup_steps(ProgramBuilder &builder, const Cgroup &cgroup) {
    for (const base::UniqueFd &tasks : cgroup.tasks_fds())
        builder.add_slot(Op::write_zero, StartStage::cgroup, builder.borrow(tasks.get()));
}

void add_hostname(ProgramBuilder &builder, const Spec &spec) {
    if (spec.namespaces.uts.kind != NamespaceMode::Kind::private_)
        return;
    builder.add(Op::set_hostname, StartStage::hostname, spec.hostname);
    if (!spec.domainname.empty())
        builder.add(Op::set_domain, StartStage::hostname, spec.domainname);
}

// Opened before /proc/sys becomes read-only, used after the release: interfaces have parameters, too.
int add_open_sysctls(ProgramBuilder &builder) {
    const int slot = builder.empty_slot();
    builder.add(Op::open_dir, StartStage::sysctl, "/proc/sys").into = slot;
    return slot;
}

void add_sysctls(ProgramBuilder &builder, int directory, const std::map<std::string, std::string> &sysctls) {
    for (const auto &[path, value] : sysctls) {
        Step &step = builder.add(Op::write_at, StartStage::sysctl, path);
        step.slot = directory;
        step.b = builder.text(value);
        step.subject = builder.text(path + "=" + value);
    }
}

void add_read_only_root(ProgramBuilder &builder, const Spec &spec) {
    if (spec.read_only)
        builder.add(Op::set_attr, StartStage::rootfs, "/").x = MOUNT_ATTR_RDONLY;
}

OverlayDirs overlay_dirs(const Spec &spec, const StartContext &context, const base::fs::path &directory,
                         int user_namespace) {
    return {spec.layers, directory / "upper", directory / "work", user_namespace, context.step != nullptr};
}

// What Docker adds to every image that lacks it; programs look for both.
void complete_root(int root, Owner owner) {
    const base::UniqueFd mark(::openat(root, ".dockerenv", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755));
    if (mark)
        base::check(::fchown(mark.get(), owner.uid, owner.gid), "set owner of", "/.dockerenv");
    const base::UniqueFd etc = open_in_root(root, "/etc", O_RDONLY | O_DIRECTORY);
    if (!etc)
        return;
    if (::symlinkat("/proc/mounts", etc.get(), "mtab") == 0)
        base::check(::fchownat(etc.get(), "mtab", owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW), "set owner of",
                    "/etc/mtab");
    else if (errno != EEXIST)
        base::throw_errno("create link", "/etc/mtab");
}

ProcessWork first_process(const Spec &spec, const StartContext &context, const Identity &identity,
                          std::vector<std::string> &warnings) {
    const Confinement confinement = confine(spec, false, context.seccomp, warnings);
    ProcessWork work;
    work.argv = spec.process.argv;
    work.env = compose_environment(spec, {}, identity.home, spec.process.tty);
    if (spec.process.init)
        work.argv.insert(work.argv.begin(), {init_target, "--"});
    work.cwd = spec.process.cwd.empty() ? "/" : spec.process.cwd;
    work.make_cwd = true;
    work.identity = identity;
    work.capabilities = confinement.capabilities;
    work.filter = confinement.filter;
    work.no_new_privileges = spec.security.no_new_privileges;
    work.rlimits = spec.process.rlimits;
    return work;
}

void connect_stdio(ProcessWork &process, const Spec &spec, const StartContext &context,
                   const Terminal &terminal) {
    process.terminal = terminal.slave.valid();
    const int slave = terminal.slave.get();
    process.stdio[0] = process.terminal ? slave : context.stdio.in;
    process.stdio[1] = process.terminal ? slave : context.stdio.out;
    process.stdio[2] = process.terminal ? slave : context.stdio.err;
    give_pipes(process.stdio, host_owner(spec, {process.identity.uid, 0}).uid);
}

// The child's whole life until exec, in the one right order.
void build(Child::State &state, const Spec &spec, const StartContext &context) {
    ProgramBuilder &builder = state.launch.builder;
    const base::fs::path directory =
        context.step == nullptr ? context.paths.container(spec.project, spec.id) : context.step->directory;
    const bool own_users = has_own_users(spec);
    const base::UniqueFd users = own_users ? make_user_namespace(spec.namespaces) : base::UniqueFd();
    base::UniqueFd root =
        mount_overlay(overlay_dirs(spec, context, directory, users.get()), false, context.overlay);
    if (context.step == nullptr)
        complete_root(root.get(), host_owner(spec, {}));
    const Identity identity =
        resolve_user(read_user_files(root.get()), spec.process.user, spec.process.group_add);
    ProcessWork process = first_process(spec, context, identity, state.warnings);
    const std::map<std::string, std::string> sysctls = effective_sysctls(spec);
    MountWork mounts{builder,    spec, context, directory, identity, root.get(), mount_targets(spec),
                     users.get()};
    if (context.step != nullptr)
        for (const auto &[target, mount] : context.step->mounts)
            mounts.targets.insert(normal_target(target));
    state.rootfs = root.duplicate();

    builder.add(Op::umask, StartStage::setup).x = 0022;
    if (own_users) // Until its ids are given.
        builder.add(Op::await, StartStage::setup);
    add_cgroup_steps(builder, context.cgroup);
    add_joins(builder, spec, context);
    // After entering the groups, for they become the root of what the namespace shows.
    if (spec.namespaces.cgroup.kind == NamespaceMode::Kind::private_)
        builder.add(Op::unshare, StartStage::setup).x = CLONE_NEWCGROUP;
    builder.add(Op::make_private, StartStage::rootfs);
    const std::vector<int> granted = add_granted_files(mounts);
    add_kernel_filesystems(mounts);
    builder.add_slot(Op::pivot, StartStage::rootfs, builder.own(std::move(root))).a =
        builder.text(mounts.host_place());
    // Not before: on the host it is nobody who may go anywhere.
    if (own_users) {
        builder.add(Op::become_root, StartStage::user);
        builder.add(Op::unshare, StartStage::setup).x = CLONE_NEWIPC;
    }
    // From here on every path is the container's, and cannot lead out of it.
    Terminal terminal = add_system_mounts(mounts, identity);
    add_user_mounts(mounts, granted);
    const int sysctl_directory = sysctls.empty() ? -1 : add_open_sysctls(builder);
    add_protected_paths(mounts);
    add_hostname(builder, spec);
    // Made now, while the root can be written.
    builder.add(Op::change_dir, StartStage::cwd, process.cwd).x = 1;
    add_read_only_root(builder, spec);
    builder.add(Op::await, StartStage::setup);
    if (spec.namespaces.network.kind == NamespaceMode::Kind::none)
        builder.add(Op::loopback_up, StartStage::setup);
    add_sysctls(builder, sysctl_directory, sysctls);
    connect_stdio(process, spec, context, terminal);
    process.dies_with_caller = context.step != nullptr;
    add_process_steps(builder, process);
    state.terminal = std::move(terminal.master);
}

std::uint64_t clone_flags(const Spec &spec, const StartContext &context) {
    // A process that shares our memory can't have a value of its own here: the kernel sets it for all
    // sharers.
    const bool own_memory = spec.process.oom_score_adj.has_value();
    return namespace_flags(spec) | (own_memory ? 0 : CLONE_VM) | (context.same_parent ? CLONE_PARENT : 0);
}

// A child that failed at once has left nothing to open; then its failure is what counts.
[[noreturn]] void throw_gone(Launch &launch, const std::string &path, int error) {
    launch.wait();
    if (launch.failure())
        throw StartError("", *launch.failure());
    throw base::SystemError("open", error, path);
}

base::UniqueFd open_proc(Launch &launch, const std::string &name, int flags) {
    const std::string path = "/proc/" + std::to_string(launch.pid) + "/" + name;
    base::UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC));
    if (!fd)
        throw_gone(launch, path, errno);
    // The pid may have been somebody else's by the time it was looked up, unless this still holds.
    if (base::sys_pidfd_send_signal(launch.pidfd.get(), 0) < 0)
        throw_gone(launch, path, ESRCH);
    return fd;
}

void set_oom_score(Launch &launch, int score) {
    const base::UniqueFd file = open_proc(launch, "oom_score_adj", O_WRONLY);
    base::write_all(file.get(), std::to_string(score), "oom_score_adj " + std::to_string(score));
}

// What the child can't do for itself in a user namespace; it waits meanwhile.
void give_users(Launch &launch, const Spec &spec) {
    for (const RaisedLimit &raised : raised_limits(spec.process.rlimits))
        base::check(
            ::prlimit(launch.pid, static_cast<__rlimit_resource>(raised.resource), &raised.limit, nullptr),
            "set ulimit", raised.name);
    write_id_maps(spec.namespaces,
                  [&](const char *name, int flags) { return open_proc(launch, name, flags); });
    launch.proceed();
}

} // namespace

Child spawn(const Spec &spec, const StartContext &context) {
    if (spec.process.argv.empty())
        throw base::Error("no command: neither the service nor its image names one", "set `command`", 127);
    auto state = std::make_unique<Child::State>();
    build(*state, spec, context);
    with_pid_namespace(spec, context,
                       [&] { state->launch.start(clone_flags(spec, context), context.cgroup.cgroup_fd()); });
    if (has_own_users(spec))
        give_users(state->launch, spec);
    if (owns_network(spec))
        state->netns = open_proc(state->launch, "ns/net", O_RDONLY);
    if (spec.process.oom_score_adj)
        set_oom_score(state->launch, *spec.process.oom_score_adj);
    return Child(std::move(state));
}

Child::Child(std::unique_ptr<State> state) : state_(std::move(state)) {}

Child::Child(Child &&) noexcept = default;
Child &Child::operator=(Child &&) noexcept = default;
Child::~Child() = default;

pid_t Child::pid() const {
    return state_->launch.pid;
}

int Child::pidfd() const {
    return state_->launch.pidfd.get();
}

base::UniqueFd Child::take_pidfd() {
    return state_->launch.pidfd.duplicate();
}

base::UniqueFd Child::take_netns() {
    return std::move(state_->netns);
}

base::UniqueFd Child::take_terminal() {
    return std::move(state_->terminal);
}

base::UniqueFd Child::take_rootfs() {
    return std::move(state_->rootfs);
}

void Child::release() {
    state_->launch.release();
}

int Child::failure_fd() const {
    return state_->launch.failure_fd();
}

Child::Outcome Child::outcome() {
    state_->launch.poll();
    return {state_->launch.decided(), state_->launch.failure()};
}

std::optional<StartFailure> Child::wait_started() {
    state_->launch.wait();
    return state_->launch.failure();
}

void Child::abandon() {
    state_->launch.kill();
}

const std::vector<std::string> &Child::warnings() const {
    return state_->warnings;
}

bool send_signal(int pidfd, int signal) {
    if (base::sys_pidfd_send_signal(pidfd, signal) == 0)
        return true;
    if (errno == ESRCH)
        return false;
    base::throw_errno("send signal", std::to_string(signal));
}

} // namespace container
