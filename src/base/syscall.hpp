// The one home of system calls that glibc 2.36 does not wrap. Each returns what the kernel returns
// (a descriptor or 0), or -1 with errno set, and sets CLOEXEC on what it opens.
#pragma once

#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/types.h>

#include <csignal>
#include <cstdint>

namespace base {

int sys_pidfd_open(pid_t pid, unsigned flags = 0);
int sys_pidfd_send_signal(int pidfd, int signal);
int sys_pidfd_getfd(int pidfd, int target_fd);
int sys_openat2(int dir, const char *path, const open_how &how);
int sys_open_tree(int dir, const char *path, unsigned flags);
int sys_move_mount(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int sys_fsopen(const char *type);
int sys_fsconfig(int fs, unsigned command, const char *key, const void *value, int aux);
int sys_fsmount(int fs, unsigned attributes);
int sys_mount_setattr(int dir, const char *path, unsigned flags, const mount_attr &attributes);
int sys_close_range(unsigned first, unsigned last, unsigned flags);
int sys_pivot_root(const char *new_root, const char *put_old);

// How a process ended, from PIDFD_GET_INFO with PIDFD_INFO_EXIT (Linux 6.15).
struct PidfdExit {
    bool known = false;
    int wait_status = 0; // as waitpid(2) gives it
};

// @pre pidfd was opened before the process was reaped. known is false while it runs or is a zombie, and
// always on older kernels.
PidfdExit sys_pidfd_exit(int pidfd);

} // namespace base
