// What Docker 26 lets every container do, as data. The order of groups and names means nothing.
#include "engine/container/seccomp.hpp"

#include <string>
#include <string_view>

namespace container {

namespace {

constexpr std::string_view allowed =
    // Asynchronous I/O.
    "io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit "
    // Descriptors and data.
    "_llseek close close_range copy_file_range dup dup2 dup3 fadvise64 fadvise64_64 fallocate fcntl "
    "fcntl64 fdatasync flock fsync ftruncate ftruncate64 ioctl lseek pipe pipe2 pread64 preadv "
    "preadv2 pwrite64 pwritev pwritev2 read readahead readv splice sync sync_file_range syncfs tee "
    "truncate truncate64 vmsplice write writev "
    // Extended attributes.
    "fgetxattr flistxattr fremovexattr fsetxattr getxattr lgetxattr listxattr llistxattr "
    "lremovexattr lsetxattr removexattr setxattr "
    // Files and directories.
    "access chdir chmod chown chown32 creat faccessat faccessat2 fchdir fchmod fchmodat fchmodat2 "
    "fchown fchown32 fchownat fstat fstat64 fstatat64 fstatfs fstatfs64 getcwd getdents getdents64 "
    "lchown lchown32 link linkat lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at "
    "newfstatat open openat openat2 readlink readlinkat rename renameat renameat2 rmdir stat stat64 "
    "statfs statfs64 statx symlink symlinkat unlink unlinkat "
    // Memory.
    "brk cachestat madvise map_shadow_stack memfd_create memfd_secret mincore mlock mlock2 mlockall "
    "mmap mmap2 mprotect mremap msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect "
    "remap_file_pages "
    // Network.
    "accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg "
    "recvmmsg_time64 recvmsg send sendfile sendfile64 sendmmsg sendmsg sendto setsockopt shutdown "
    "socketcall socketpair "
    // Processes and limits.
    "execve execveat exit exit_group fork get_thread_area getpgid getpgrp getpid getppid getrandom "
    "getrlimit getrusage getsid gettid prctl prlimit64 set_thread_area set_tid_address setpgid "
    "setrlimit setsid sysinfo times ugetrlimit uname vfork "
    // Scheduling.
    "getcpu getpriority ioprio_get ioprio_set sched_get_priority_max sched_get_priority_min "
    "sched_getaffinity sched_getattr sched_getparam sched_getscheduler sched_rr_get_interval "
    "sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler "
    "sched_yield setpriority "
    // Signals.
    "alarm kill pause pidfd_open pidfd_send_signal restart_syscall rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait "
    "rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack signalfd signalfd4 sigprocmask sigreturn "
    "tgkill tkill "
    // Synchronisation and IPC.
    "eventfd eventfd2 futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake "
    "get_robust_list ipc membarrier mq_getsetattr mq_notify mq_open mq_timedreceive "
    "mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd "
    "rseq semctl semget semop semtimedop semtimedop_time64 set_robust_list shmat shmctl shmdt shmget "
    // Time.
    "adjtimex clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime "
    "clock_gettime64 clock_nanosleep clock_nanosleep_time64 futimesat getitimer gettimeofday "
    "nanosleep setitimer time timer_create timer_delete timer_getoverrun timer_gettime "
    "timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 "
    "timerfd_settime timerfd_settime64 utime utimensat utimensat_time64 utimes "
    // Waiting.
    "_newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 "
    "epoll_wait epoll_wait_old poll ppoll ppoll_time64 process_mrelease pselect6 pselect6_time64 "
    "select wait4 waitid waitpid "
    // Watching and confining.
    "fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch landlock_add_rule "
    "landlock_create_ruleset landlock_restrict_self seccomp "
    // Who the process is.
    "capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 "
    "getresgid getresgid32 getresuid getresuid32 getuid getuid32 setfsgid setfsgid32 setfsuid "
    "setfsuid32 setgid setgid32 setgroups setgroups32 setregid setregid32 setresgid setresgid32 "
    "setresuid setresuid32 setreuid setreuid32 setuid setuid32 umask ";

struct CapabilityRow {
    const char *capability;
    std::string_view names;
};

// Allowed only with a capability.
constexpr CapabilityRow with_capability[] = {
    {"CAP_DAC_READ_SEARCH", "open_by_handle_at"},
    {"CAP_SYS_ADMIN", "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount "
                      "mount_setattr move_mount "
                      "open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog "
                      "umount umount2 unshare"},
    {"CAP_SYS_BOOT", "reboot"},
    {"CAP_SYS_CHROOT", "chroot"},
    {"CAP_SYS_MODULE", "delete_module finit_module init_module"},
    {"CAP_SYS_PACCT", "acct"},
    {"CAP_SYS_PTRACE", "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"},
    {"CAP_SYS_RAWIO", "ioperm iopl"},
    {"CAP_SYS_TIME", "clock_settime clock_settime64 settimeofday stime"},
    {"CAP_SYS_TTY_CONFIG", "vhangup"},
    {"CAP_SYS_NICE", "get_mempolicy mbind set_mempolicy set_mempolicy_home_node"},
    {"CAP_SYSLOG", "syslog"},
    {"CAP_BPF", "bpf"},
    {"CAP_PERFMON", "perf_event_open"},
};

constexpr const char *allow = "SCMP_ACT_ALLOW";

std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> result;
    while (!text.empty()) {
        const auto end = text.find(' ');
        if (end != 0)
            result.emplace_back(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    }
    return result;
}

SeccompRule allowing(std::string_view names) {
    SeccompRule rule;
    rule.names = words(names);
    rule.action = allow;
    return rule;
}

SeccompRule allowing(std::string_view names, const SeccompArg &arg) {
    auto rule = allowing(names);
    rule.args = {arg};
    return rule;
}

SeccompRule allowing_on(std::string_view names, std::vector<std::string> arches) {
    auto rule = allowing(names);
    rule.includes.arches = std::move(arches);
    return rule;
}

void add_clone(std::vector<SeccompRule> &rules) {
    // The CLONE_NEW* bits.
    constexpr std::uint64_t namespaces = 0x7e020000;
    auto clone = allowing("clone", {0, namespaces, 0, "SCMP_CMP_MASKED_EQ"});
    clone.excludes = {{"s390", "s390x"}, {"CAP_SYS_ADMIN"}, ""};
    rules.push_back(std::move(clone));
    // Its flags are in memory, out of a filter's sight; told that it does not exist, C libraries use clone.
    SeccompRule clone3;
    clone3.names = {"clone3"};
    clone3.action = "SCMP_ACT_ERRNO";
    clone3.errno_ret = 38; // ENOSYS
    clone3.excludes.caps = {"CAP_SYS_ADMIN"};
    rules.push_back(std::move(clone3));
}

SeccompProfile make_default() {
    SeccompProfile profile;
    profile.default_action = "SCMP_ACT_ERRNO";
    profile.default_errno_ret = 1; // EPERM
    profile.arch_map = {{"SCMP_ARCH_X86_64", {"SCMP_ARCH_X86", "SCMP_ARCH_X32"}},
                        {"SCMP_ARCH_AARCH64", {"SCMP_ARCH_ARM"}}};
    auto &rules = profile.rules;
    rules.push_back(allowing(allowed));
    // Before 4.8 ptrace could get past a filter.
    auto tracing = allowing("process_vm_readv process_vm_writev ptrace");
    tracing.includes.min_kernel = "4.8";
    rules.push_back(std::move(tracing));
    constexpr std::uint64_t vsock = 40; // AF_VSOCK reaches the hypervisor
    rules.push_back(allowing("socket", {0, vsock, 0, "SCMP_CMP_NE"}));
    // PER_LINUX, PER_LINUX32, both with UNAME26, and the question which it is.
    for (const std::uint64_t persona : {0x0U, 0x8U, 0x20000U, 0x20008U, 0xffffffffU})
        rules.push_back(allowing("personality", {0, persona, 0, "SCMP_CMP_EQ"}));
    rules.push_back(
        allowing_on("arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2",
                    {"arm", "arm64"}));
    rules.push_back(allowing_on("arch_prctl", {"amd64", "x32"}));
    rules.push_back(allowing_on("modify_ldt", {"amd64", "x32", "x86"}));
    for (const auto &row : with_capability) {
        auto rule = allowing(row.names);
        rule.includes.caps = {row.capability};
        rules.push_back(std::move(rule));
    }
    add_clone(rules);
    return profile;
}

} // namespace

const SeccompProfile &default_seccomp_profile() {
    static const SeccompProfile profile = make_default();
    return profile;
}

} // namespace container
