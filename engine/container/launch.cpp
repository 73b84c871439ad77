#include "engine/container/launch.hpp"

#include "base/error.hpp"
#include "base/syscall.hpp"
#include "engine/container/raw_syscall.hpp"

#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace container {

namespace {

constexpr std::size_t guard_size = 4096;
constexpr std::size_t stack_size = 32 * 1024;

// A handler of ours that ran in the child would run on our memory.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }

    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

    SignalsBlocked(const SignalsBlocked &) = delete;
    SignalsBlocked &operator=(const SignalsBlocked &) = delete;

  private:
    sigset_t before_;
};

void poll_until_readable(int fd) {
    pollfd wanted{fd, POLLIN, 0};
    while (::poll(&wanted, 1, -1) < 0 && errno == EINTR) {
    }
}

} // namespace

ChildStack::ChildStack()
    : memory_(::mmap(nullptr, guard_size + stack_size, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
    if (memory_ == MAP_FAILED)
        base::throw_errno("allocate the child's stack", "");
    ::mprotect(memory_, guard_size, PROT_NONE);
}

ChildStack::~ChildStack() {
    ::munmap(memory_, guard_size + stack_size);
}

void ChildStack::give_to(clone_args &args) const {
    args.stack = reinterpret_cast<std::uintptr_t>(memory_) + guard_size;
    args.stack_size = stack_size;
}

Launch::Launch() {
    int sync[2];
    base::check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sync), "create socket pair", "");
    sync_ = {base::UniqueFd(sync[0]), base::UniqueFd(sync[1])};
    base::Pipe failure = base::make_pipe();
    failure_read_ = std::move(failure.read);
    failure_write_ = std::move(failure.write);
    ::fcntl(failure_read_.get(), F_SETFL, O_NONBLOCK);
}

Launch::~Launch() {
    if (started_ && !decided_)
        kill();
}

void Launch::start(std::uint64_t flags, int cgroup_fd) {
    ChildProgram &program = builder.program;
    program.sync_fd = sync_.read.get();
    program.failure_fd = failure_write_.get();
    builder.seal({program.sync_fd, program.failure_fd, cgroup_fd});

    clone_args args{};
    int pidfd_out = -1;
    args.flags = flags | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | (cgroup_fd >= 0 ? CLONE_INTO_CGROUP : 0);
    args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd_out);
    args.cgroup = cgroup_fd >= 0 ? static_cast<std::uint64_t>(cgroup_fd) : 0;
    stack_.give_to(args);
    long result;
    {
        const SignalsBlocked blocked;
        result = raw_clone3(&args, run_child, &program);
    }
    if (result < 0)
        throw base::SystemError("create a process in new namespaces", static_cast<int>(-result), "",
                                result == -EPERM ? "run as root" : "");
    started_ = true;
    ours_to_reap_ = (flags & CLONE_PARENT) == 0;
    pid = static_cast<pid_t>(result);
    pidfd.reset(pidfd_out);
    failure_write_.reset();
    sync_.read.reset();
    builder.close_owned();
}

void Launch::proceed() {
    // A child that failed already has closed its end; poll() tells why.
    const char byte = 1;
    [[maybe_unused]] const ssize_t sent = ::send(sync_.write.get(), &byte, 1, MSG_NOSIGNAL);
}

void Launch::release() {
    proceed();
    sync_.write.reset();
}

void Launch::poll() {
    if (decided_)
        return;
    FailureFrame frame;
    const ssize_t count = ::read(failure_read_.get(), &frame, sizeof frame);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count == static_cast<ssize_t>(sizeof frame)) {
        wait_for_end();
        failure_ = StartFailure{frame.stage, frame.error, builder.subject(frame.step)};
    }
    decided_ = true;
}

void Launch::wait() {
    while (!decided_) {
        poll_until_readable(failure_read_.get());
        poll();
    }
}

void Launch::kill() {
    base::sys_pidfd_send_signal(pidfd.get(), SIGKILL);
    wait_for_end();
    decided_ = true;
}

void Launch::reap() {
    wait_for_end();
}

void Launch::wait_for_end() {
    poll_until_readable(pidfd.get());
    if (!ours_to_reap_)
        return;
    ours_to_reap_ = false;
    siginfo_t info{};
    while (::waitid(P_PIDFD, static_cast<id_t>(pidfd.get()), &info, WEXITED | __WALL) < 0 && errno == EINTR) {
    }
}

} // namespace container
