// Runs between clone and exec in memory shared with the parent: see child_program.hpp for what is forbidden.
// Compiled without stack protector and sanitizers, and must not refer to any symbol of another object.
#include "engine/container/child_program.hpp"
#include "engine/container/raw_syscall.hpp"

#include <linux/capability.h>
#include <linux/keyctl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

constexpr long here = AT_FDCWD;

[[noreturn]] void leave(int status) {
    for (;;)
        raw(SYS_exit_group, status);
}

std::size_t length(const char *text) {
    std::size_t count = 0;
    while (text[count] != '\0')
        ++count;
    return count;
}

long open_path(const char *path, std::uint64_t flags, std::uint64_t resolve) {
    open_how how;
    how.flags = flags | O_CLOEXEC;
    how.mode = 0;
    how.resolve = resolve;
    return raw(SYS_openat2, here, raw_pointer(path), raw_pointer(&how), sizeof how);
}

// Directories above path; what exists is left alone, errors show when the path itself is used.
void make_parents(char *path) {
    for (char *at = path + 1; *at != '\0'; ++at)
        if (*at == '/') {
            *at = '\0';
            raw(SYS_mkdirat, here, raw_pointer(path), 0755);
            *at = '/';
        }
}

long make_target(char *path, std::uint64_t flags) {
    make_parents(path);
    if ((flags & attach_make_dir) != 0)
        return raw(SYS_mkdirat, here, raw_pointer(path), 0755);
    const long fd = raw(SYS_openat, here, raw_pointer(path), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
    return fd < 0 ? fd : raw(SYS_close, fd);
}

long attach(int mount, char *target, std::uint64_t flags) {
    const std::uint64_t resolve =
        (flags & attach_no_symlinks) != 0 ? RESOLVE_NO_SYMLINKS : RESOLVE_NO_MAGICLINKS;
    // What is mounted and what it covers must be of one kind.
    const std::uint64_t kind = (flags & attach_make_dir) != 0 ? O_PATH | O_DIRECTORY : O_PATH;
    long at = open_path(target, kind, resolve);
    if (at == -ENOENT && (flags & (attach_make_dir | attach_make_file)) != 0) {
        const long made = make_target(target, flags);
        if (made < 0)
            return made;
        at = open_path(target, kind, resolve);
    }
    if (at < 0)
        return at;
    const long result = raw(SYS_move_mount, mount, raw_pointer(""), at, raw_pointer(""),
                            MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
    raw(SYS_close, at);
    raw(SYS_close, mount);
    return result == -EINVAL && (flags & attach_make_file) != 0 ? -EISDIR : result;
}

long make_fs(const char *type, std::uint64_t attributes) {
    const long fs = raw(SYS_fsopen, raw_pointer(type), FSOPEN_CLOEXEC);
    if (fs < 0)
        return fs;
    long result = raw(SYS_fsconfig, fs, FSCONFIG_SET_STRING, raw_pointer("source"), raw_pointer(type), 0);
    if (result >= 0)
        result = raw(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, 0, 0, 0);
    if (result >= 0)
        result = raw(SYS_fsmount, fs, FSMOUNT_CLOEXEC, static_cast<long>(attributes));
    raw(SYS_close, fs);
    return result;
}

long set_attributes(int mount, const char *path, std::uint64_t attributes) {
    mount_attr change;
    change.attr_set = attributes;
    change.attr_clr = 0;
    change.propagation = 0;
    change.userns_fd = 0;
    return raw(SYS_mount_setattr, mount >= 0 ? mount : here, raw_pointer(mount >= 0 ? "" : path),
               mount >= 0 ? AT_EMPTY_PATH : 0, raw_pointer(&change), sizeof change);
}

long pivot(int root, const char *by_way_of) {
    long result =
        raw(SYS_move_mount, root, raw_pointer(""), here, raw_pointer(by_way_of), MOVE_MOUNT_F_EMPTY_PATH);
    if (result < 0)
        return result;
    result = raw(SYS_chdir, raw_pointer(by_way_of));
    if (result < 0)
        return result;
    result = raw(SYS_pivot_root, raw_pointer("."), raw_pointer("."));
    if (result < 0)
        return result;
    result = raw(SYS_umount2, raw_pointer("."), MNT_DETACH);
    if (result < 0)
        return result;
    return raw(SYS_chdir, raw_pointer("/"));
}

long write_at(int directory, const char *name, const char *value) {
    const long fd = raw(SYS_openat, directory, raw_pointer(name), O_WRONLY | O_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    const long result = raw(SYS_write, fd, raw_pointer(value), static_cast<long>(length(value)));
    raw(SYS_close, fd);
    return result;
}

long loopback_up() {
    const long fd = raw(SYS_socket, AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return fd;
    ifreq request;
    for (char &byte : request.ifr_name)
        byte = '\0';
    request.ifr_name[0] = 'l';
    request.ifr_name[1] = 'o';
    request.ifr_flags = IFF_UP | IFF_RUNNING | IFF_LOOPBACK;
    const long result = raw(SYS_ioctl, fd, SIOCSIFFLAGS, raw_pointer(&request));
    raw(SYS_close, fd);
    return result;
}

// A process that shares the session keyring of its creator could read its keys. Where keys are not offered,
// or this user's quota of them is used up, there is none to share or to make.
long new_keyring() {
    const long result = raw(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, 0);
    return result == -ENOSYS || result == -EDQUOT ? 0 : result;
}

long await_release(int sync_fd) {
    char byte;
    long count;
    do
        count = raw(SYS_read, sync_fd, raw_pointer(&byte), 1);
    while (count == -EINTR);
    if (count == 0)
        leave(255);
    return count;
}

long change_dir(char *path, bool make) {
    const long result = raw(SYS_chdir, raw_pointer(path));
    if (result != -ENOENT || !make)
        return result;
    make_parents(path);
    const long made = raw(SYS_mkdirat, here, raw_pointer(path), 0755);
    return made < 0 ? made : raw(SYS_chdir, raw_pointer(path));
}

long drop_bounding(const ChildProgram &program) {
    for (int capability = 0; capability <= program.last_capability; ++capability) {
        if ((program.capabilities >> capability & 1) != 0)
            continue;
        const long result = raw(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0);
        if (result < 0)
            return result;
    }
    return 0;
}

long set_capabilities(std::uint64_t bits) {
    raw(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header;
    header.version = _LINUX_CAPABILITY_VERSION_3;
    header.pid = 0;
    __user_cap_data_struct data[2];
    for (int half = 0; half < 2; ++half) {
        data[half].effective = static_cast<std::uint32_t>(bits >> 32 * half);
        data[half].permitted = data[half].effective;
        data[half].inheritable = 0;
    }
    return raw(SYS_capset, raw_pointer(&header), raw_pointer(&data[0]));
}

long move_to(int fd, int target) {
    if (fd == target)
        return raw(SYS_fcntl, fd, F_SETFD, 0);
    return raw(SYS_dup3, fd, target, 0);
}

[[noreturn]] void fail(const ChildProgram &program, std::size_t step, StartStage stage, long error) {
    FailureFrame frame;
    frame.stage = stage;
    frame.error = static_cast<std::int32_t>(-error);
    frame.step = static_cast<std::uint32_t>(step);
    raw(SYS_write, program.failure_fd, raw_pointer(&frame), sizeof frame);
    leave(127);
}

// /proc/self/exe and its like name files of the host, which a container's program could then write to. An
// error when the path is one of them, or that can't be told.
long check_stays_inside(const char *path) {
    const long fd = open_path(path, O_PATH, RESOLVE_NO_MAGICLINKS);
    if (fd >= 0)
        raw(SYS_close, fd);
    if (fd == -ELOOP)
        return -EACCES;
    return fd == -EMFILE ? fd : 0;
}

[[noreturn]] void execute(const ChildProgram &program, std::size_t step) {
    // All of these close on exec; closed now, a low limit on open files can't hinder the check above.
    const unsigned failure_fd = static_cast<unsigned>(program.failure_fd);
    raw(SYS_close_range, 3, failure_fd - 1, 0);
    raw(SYS_close_range, failure_fd + 1, ~0U, 0);
    long error = -ENOENT;
    StartStage stage = StartStage::exec;
    for (char *const *path = program.candidates; *path != nullptr; ++path) {
        const long outside = check_stays_inside(*path);
        if (outside < 0)
            fail(program, step, StartStage::exec, outside);
        const long result =
            raw(SYS_execve, raw_pointer(*path), raw_pointer(program.argv), raw_pointer(program.envp));
        if (result == -ENOENT && raw(SYS_faccessat, here, raw_pointer(*path), F_OK) == 0) {
            stage = StartStage::interpreter;
            break;
        }
        if (result != -ENOENT && result != -ENOTDIR)
            error = result;
        if (result != -ENOENT && result != -ENOTDIR && result != -EACCES)
            break;
    }
    fail(program, step, stage, error);
}

void resume_after_fork(void *argument) {
    run_child(argument);
}

[[noreturn]] void fork(ChildProgram &program, std::size_t step) {
    program.next = step + 1;
    program.gap_count = 0;
    const long pid = raw_clone3(program.fork_args, resume_after_fork, &program);
    if (pid < 0)
        fail(program, step, program.steps[step].stage, pid);
    program.forked_pid = static_cast<int>(pid);
    leave(0);
}

long run_credential_step(const ChildProgram &program, const Step &step) {
    switch (step.op) {
    case Op::drop_bounding:
        return drop_bounding(program);
    case Op::groups:
        return raw(SYS_setgroups, static_cast<long>(program.group_count), raw_pointer(program.groups));
    case Op::set_gid:
        return raw(SYS_setresgid, program.gid, program.gid, program.gid);
    case Op::set_uid:
        return raw(SYS_setresuid, program.uid, program.uid, program.uid);
    case Op::capabilities:
        return set_capabilities(program.capabilities);
    case Op::no_new_privs:
        return raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    case Op::die_with_caller:
        return raw(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    case Op::seccomp:
        return raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, raw_pointer(program.filter));
    default:
        return -ENOSYS;
    }
}

long become_root() {
    long result = raw(SYS_setgroups, 0, 0);
    if (result >= 0)
        result = raw(SYS_setresgid, 0, 0, 0);
    return result < 0 ? result : raw(SYS_setresuid, 0, 0, 0);
}

// What this program, or whoever started it (nohup, a shell's background job), ignores would be ignored by the
// container's programs for ever: CLONE_CLEAR_SIGHAND leaves it so.
long reset_signals() {
    constexpr int last = 64;
    static constexpr std::uint64_t none = 0;
    static constexpr std::uint64_t by_default[4] = {}; // struct sigaction of the kernel: SIG_DFL, no flags
    for (int signal = 1; signal <= last; ++signal)
        raw(SYS_rt_sigaction, signal, raw_pointer(&by_default[0]), 0,
            sizeof none); // SIGKILL, SIGSTOP: EINVAL
    return raw(SYS_rt_sigprocmask, SIG_SETMASK, raw_pointer(&none), 0, sizeof none);
}

long run_process_step(const ChildProgram &program, const Step &step, int fd) {
    switch (step.op) {
    case Op::write_zero:
        return raw(SYS_write, fd, raw_pointer("0"), 1);
    case Op::unshare:
        return raw(SYS_unshare, static_cast<long>(step.x));
    case Op::setns:
        return raw(SYS_setns, fd, static_cast<long>(step.x));
    case Op::become_root:
        return become_root();
    case Op::umask:
        return raw(SYS_umask, static_cast<long>(step.x));
    case Op::loopback_up:
        return loopback_up();
    case Op::await:
        return await_release(program.sync_fd);
    case Op::write_at:
        return write_at(fd, step.a, step.b);
    case Op::set_hostname:
        return raw(SYS_sethostname, raw_pointer(step.a), static_cast<long>(length(step.a)));
    case Op::set_domain:
        return raw(SYS_setdomainname, raw_pointer(step.a), static_cast<long>(length(step.a)));
    case Op::new_session:
        return raw(SYS_setsid);
    case Op::new_keyring:
        return new_keyring();
    case Op::set_terminal:
        return raw(SYS_ioctl, fd, TIOCSCTTY, 0);
    case Op::rlimit:
        return raw(SYS_prlimit64, 0, static_cast<long>(step.x), raw_pointer(&program.limits[step.y]), 0);
    case Op::stdio:
        return move_to(fd, static_cast<int>(step.x));
    case Op::reset_signals:
        return reset_signals();
    case Op::change_dir:
        return change_dir(step.a, step.x != 0);
    default:
        return run_credential_step(program, step);
    }
}

long run_step(ChildProgram &program, const Step &step, int fd) {
    switch (step.op) {
    case Op::make_private:
        return raw(SYS_mount, 0, raw_pointer("/"), 0, MS_REC | MS_PRIVATE, 0);
    case Op::stage:
        return raw(SYS_move_mount, fd, raw_pointer(""), here, raw_pointer(step.a), MOVE_MOUNT_F_EMPTY_PATH);
    case Op::unstage:
        return raw(SYS_umount2, raw_pointer(step.a), MNT_DETACH);
    case Op::make_fs:
        return make_fs(step.a, step.x);
    case Op::clone_tree:
        return raw(SYS_open_tree, here, raw_pointer(step.a), OPEN_TREE_CLONE | O_CLOEXEC);
    case Op::set_attr:
        return set_attributes(fd, step.a, step.x);
    case Op::pivot:
        return pivot(fd, step.a);
    case Op::attach:
        return attach(fd, step.a, step.x);
    case Op::open_dir:
        return open_path(step.a, O_DIRECTORY, RESOLVE_NO_SYMLINKS);
    default:
        return run_process_step(program, step, fd);
    }
}

} // namespace

void run_child(void *argument) {
    ChildProgram &program = *static_cast<ChildProgram *>(argument);
    for (std::size_t index = 0; index < program.gap_count; ++index)
        raw(SYS_close_range, program.gaps[index].first, program.gaps[index].last, 0);
    for (std::size_t index = program.next; index < program.step_count; ++index) {
        const Step &step = program.steps[index];
        if (step.op == Op::execute)
            execute(program, index);
        if (step.op == Op::fork)
            fork(program, index);
        const int fd = step.slot >= 0 ? program.slots[step.slot] : -1;
        if (step.slot >= 0 && fd < 0)
            continue;
        const long result = run_step(program, step, fd);
        if (result < 0 && !(step.optional && result == -ENOENT))
            fail(program, index, step.stage, result);
        if (step.into >= 0)
            program.slots[step.into] = static_cast<int>(result);
    }
    leave(255);
}

} // namespace container
