#include "base/syscall.hpp"

#include <sys/ioctl.h>
#include <sys/syscall.h>

#include <fcntl.h>
#include <unistd.h>

namespace base {

int sys_pidfd_open(pid_t pid, unsigned flags) {
    return static_cast<int>(::syscall(SYS_pidfd_open, pid, flags));
}

int sys_pidfd_send_signal(int pidfd, int signal) {
    return static_cast<int>(::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0));
}

int sys_pidfd_getfd(int pidfd, int target_fd) {
    return static_cast<int>(::syscall(SYS_pidfd_getfd, pidfd, target_fd, 0));
}

int sys_openat2(int dir, const char *path, const open_how &how) {
    open_how cloexec = how;
    cloexec.flags |= O_CLOEXEC;
    return static_cast<int>(::syscall(SYS_openat2, dir, path, &cloexec, sizeof cloexec));
}

int sys_open_tree(int dir, const char *path, unsigned flags) {
    return static_cast<int>(::syscall(SYS_open_tree, dir, path, flags | O_CLOEXEC));
}

int sys_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags) {
    return static_cast<int>(::syscall(SYS_move_mount, from_dir, from, to_dir, to, flags));
}

int sys_fsopen(const char *type) {
    return static_cast<int>(::syscall(SYS_fsopen, type, FSOPEN_CLOEXEC));
}

int sys_fsconfig(int fs, unsigned command, const char *key, const void *value, int aux) {
    return static_cast<int>(::syscall(SYS_fsconfig, fs, command, key, value, aux));
}

int sys_fsmount(int fs, unsigned attributes) {
    return static_cast<int>(::syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attributes));
}

int sys_mount_setattr(int dir, const char *path, unsigned flags, const mount_attr &attributes) {
    return static_cast<int>(::syscall(SYS_mount_setattr, dir, path, flags, &attributes, sizeof attributes));
}

int sys_close_range(unsigned first, unsigned last, unsigned flags) {
    return static_cast<int>(::syscall(SYS_close_range, first, last, flags));
}

int sys_pivot_root(const char *new_root, const char *put_old) {
    return static_cast<int>(::syscall(SYS_pivot_root, new_root, put_old));
}

namespace {

// linux/pidfd.h of 6.15; Debian 12 ships older headers.
struct PidfdInfo {
    std::uint64_t mask;
    std::uint64_t cgroup_id;
    std::uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
    std::int32_t exit_code;
};

constexpr std::uint64_t pidfd_info_exit = 1ULL << 3;
constexpr unsigned long pidfd_get_info = _IOWR(0xFF, 11, PidfdInfo);

static_assert(sizeof(PidfdInfo) == 72 || sizeof(PidfdInfo) == 64);

} // namespace

PidfdExit sys_pidfd_exit(int pidfd) {
    PidfdInfo info{};
    info.mask = pidfd_info_exit;
    if (::ioctl(pidfd, pidfd_get_info, &info) < 0 || (info.mask & pidfd_info_exit) == 0)
        return {};
    return {true, info.exit_code};
}

} // namespace base
