#include "base/error.hpp"
#include "base/syscall.hpp"
#include "engine/container/keeper/keeper_blob.hpp"
#include "engine/container/keeper/protocol.h"
#include "engine/container/keeper_client.hpp"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <unistd.h>

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U // Linux 6.3
#endif

namespace container {

namespace {

base::UniqueFd sealed_executable() {
    constexpr const char *name = "compose-keeper";
    constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    base::UniqueFd file(::memfd_create(name, flags | MFD_EXEC));
    if (!file && errno == EINVAL) // before 6.3 every memfd is executable
        file.reset(::memfd_create(name, flags));
    if (!file)
        throw base::SystemError("create memfd", errno, name,
                                "an executable memfd is needed: see vm.memfd_noexec");
    for (auto left = keeper_executable(); !left.empty();) {
        const auto written = base::check(::write(file.get(), left.data(), left.size()), "write memfd", name);
        left.remove_prefix(static_cast<std::size_t>(written));
    }
    base::check(::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
                "seal memfd", name);
    return file;
}

// Everything the two processes between here and the keeper need. They share this memory (CLONE_VM), and the
// parent waits until the keeper is executed or has failed.
struct Launch {
    int executable = -1;
    int null = -1;
    int log = -1;
    std::vector<int> inherited;
    std::vector<char *> argv;
    std::vector<char *> environment;
    pid_t pid = -1;
    int error = 0;
    alignas(16) std::array<char, 16384> outer_stack{};
    alignas(16) std::array<char, 16384> inner_stack{};
};

// Runs in the process that becomes the keeper: no allocation, no lock.
int become_keeper(void *argument) {
    auto &launch = *static_cast<Launch *>(argument);
    for (int signal = 1; signal < NSIG; ++signal)
        ::signal(signal, SIG_DFL);
    ::setsid();
    const bool ready = ::chdir("/") == 0 && ::dup2(launch.null, STDIN_FILENO) >= 0
                       && ::dup2(launch.log, STDOUT_FILENO) >= 0 && ::dup2(launch.log, STDERR_FILENO) >= 0
                       && base::sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
    if (ready) {
        for (const int fd : launch.inherited)
            ::fcntl(fd, F_SETFD, 0);
        ::syscall(SYS_execveat, launch.executable, "", launch.argv.data(), launch.environment.data(),
                  AT_EMPTY_PATH);
    }
    launch.error = errno;
    ::_exit(127);
}

// Runs in a process of its own that ends at once, so that the keeper is nobody's child.
int detach(void *argument) {
    auto &launch = *static_cast<Launch *>(argument);
    launch.pid = ::clone(become_keeper, launch.inner_stack.data() + launch.inner_stack.size(),
                         CLONE_VM | CLONE_VFORK | SIGCHLD, argument);
    if (launch.pid < 0)
        launch.error = errno;
    ::_exit(0);
}

std::vector<char *> pointers(std::vector<std::string> &strings) {
    std::vector<char *> result;
    result.reserve(strings.size() + 1);
    for (auto &string : strings)
        result.push_back(string.data());
    result.push_back(nullptr);
    return result;
}

// Numbers up to 2 are where stdio goes: such descriptors are passed as duplicates, kept alive by `owned`.
int passable(int fd, std::vector<base::UniqueFd> &owned) {
    if (fd > STDERR_FILENO)
        return fd;
    owned.emplace_back(base::check(::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "duplicate descriptor",
                                   std::to_string(fd)));
    return owned.back().get();
}

std::string store_argument(const std::string &name, const std::vector<int> &fds, Launch &launch,
                           std::vector<base::UniqueFd> &owned) {
    if (name.empty() || name.size() > keeper_name_limit || fds.empty()
        || fds.size() > keeper_descriptors_per_name)
        throw base::Error("the keeper can't store " + std::to_string(fds.size()) + " descriptors as \"" + name
                          + "\"");
    auto argument = name + "=";
    for (const int fd : fds) {
        launch.inherited.push_back(passable(fd, owned));
        argument += (argument.back() == '=' ? "" : ",") + std::to_string(launch.inherited.back());
    }
    return argument;
}

pid_t start(Launch &launch) {
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    const pid_t outer = ::clone(detach, launch.outer_stack.data() + launch.outer_stack.size(),
                                CLONE_VM | CLONE_VFORK, &launch);
    const int error = outer < 0 ? errno : 0;
    if (outer >= 0)
        ::waitpid(outer, nullptr, __WALL);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (error != 0 || launch.error != 0)
        throw base::SystemError("start", error != 0 ? error : launch.error, "compose-keeper");
    return launch.pid;
}

pid_t launch(const KeeperSpec &spec, int predecessor) {
    auto state = std::make_unique<Launch>();
    std::vector<base::UniqueFd> owned;
    std::vector<std::string> argv = {"compose-keeper", (spec.runtime_dir / "exits").string()};
    argv.push_back(std::to_string(predecessor));
    if (predecessor >= 0)
        state->inherited.push_back(predecessor);
    for (const auto &[name, fds] : spec.descriptors)
        argv.push_back(store_argument(name, fds, *state, owned));
    argv.emplace_back("--");
    argv.insert(argv.end(), spec.supervisor_argv.begin(), spec.supervisor_argv.end());
    auto environment = spec.environment;
    environment.push_back("COMPOSE_KEEPER_FD=" + std::to_string(KEEPER_SOCKET_FD));
    environment.push_back("COMPOSE_KEEPER_EVENT_FD=" + std::to_string(KEEPER_EVENT_FD));

    const auto executable = sealed_executable();
    const base::UniqueFd null(base::check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null"));
    state->executable = passable(executable.get(), owned);
    state->null = passable(null.get(), owned);
    state->log = spec.log_fd >= 0 ? passable(spec.log_fd, owned) : state->null;
    state->argv = pointers(argv);
    state->environment = pointers(environment);
    return start(*state);
}

} // namespace

pid_t launch_keeper(const KeeperSpec &spec) {
    return launch(spec, -1);
}

pid_t launch_replacement(const KeeperSpec &spec) {
    const base::UniqueFd self(base::sys_pidfd_open(::getpid()));
    if (!self)
        base::throw_errno("open a descriptor for process", "self");
    return launch(spec, self.get());
}

} // namespace container
