// The default filter in the kernel: what it does to a process, beyond what the unit tests compute.
#include "engine/container/capabilities.hpp"
#include "engine/container/seccomp.hpp"

#include <catch2/catch.hpp>

#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <functional>
#include <sched.h>
#include <unistd.h>

using namespace container;

namespace {

// The errno of a call made under the filter (0 when it worked), or 1000 + the signal that ended the process.
int under(const SeccompProgram &program, const std::function<long()> &call) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto filter = program.fprog();
        if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
            || ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0)
            ::_exit(200);
        const long result = call();
        ::_exit(result < 0 ? errno : 0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

constexpr long clone3_call = 435;

} // namespace

TEST_CASE("a process under the default filter", "[seccomp]") {
    const auto program = compile_seccomp(default_seccomp_profile(), default_capabilities());
    CHECK(under(program, [] { return ::syscall(SYS_getpid); }) == 0);
    CHECK(under(program, [] { return ::syscall(SYS_socket, AF_INET, SOCK_STREAM, 0); }) == 0);
    CHECK(under(program, [] { return ::syscall(SYS_socket, AF_VSOCK, SOCK_STREAM, 0); }) == EPERM);
    CHECK(under(program, [] { return ::syscall(SYS_mount, "none", "/nowhere", "tmpfs", 0, nullptr); })
          == EPERM);
    CHECK(under(program, [] { return ::syscall(SYS_unshare, CLONE_NEWUSER); }) == EPERM);
    CHECK(under(program, [] { return ::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0); }) == EPERM);
    CHECK(under(program, [] { return ::syscall(clone3_call, nullptr, 0); }) == ENOSYS);
    CHECK(under(program, [] { return ::syscall(SYS_add_key, 0, 0, 0, 0, 0); }) == EPERM);
    CHECK(under(program, [] { return ::syscall(425, 1, nullptr); }) == EPERM); // io_uring_setup
    CHECK(under(program, [] { return ::syscall(SYS_personality, 0xffffffff); }) == 0);
    CHECK(under(program, [] { return ::syscall(SYS_personality, 0x0040000); }) == EPERM);
    CHECK(under(program, [] { return ::syscall(9999); }) == ENOSYS);
}

TEST_CASE("a capability opens its calls", "[seccomp]") {
    auto capabilities = default_capabilities();
    capabilities.add(*find_capability("SYS_ADMIN"));
    const auto program = compile_seccomp(default_seccomp_profile(), capabilities);
    CHECK(under(program, [] { return ::syscall(clone3_call, nullptr, 0); }) == EINVAL);
    CHECK(under(program, [] { return ::syscall(SYS_unshare, CLONE_NEWUTS); }) == 0);
}

TEST_CASE("a custom profile kills", "[seccomp]") {
    const auto program =
        compile_seccomp(parse_seccomp_profile(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
            {"names": ["getcwd"], "action": "SCMP_ACT_KILL_PROCESS"},
            {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]})",
                                              "test.json"),
                        default_capabilities());
    CHECK(under(program, [] { return ::syscall(SYS_getcwd, nullptr, 0); }) == 1000 + SIGSYS);
    CHECK(under(program, [] { return ::syscall(SYS_mkdir, "/nowhere/at/all", 0700); }) == ENOSPC);
    CHECK(under(program, [] { return ::syscall(SYS_getpid); }) == 0);
}
