#include "world.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <iostream>
#include <poll.h>
#include <unistd.h>

namespace world {

using namespace container;

Member::Member(const Cgroup &cgroup, const std::function<int()> &body) {
    clone_args args{};
    int pidfd = -1;
    args.flags = CLONE_PIDFD;
    args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
    args.exit_signal = SIGCHLD;
    if (cgroup.cgroup_fd() >= 0) {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = static_cast<__u64>(cgroup.cgroup_fd());
    }
    const pid_t parent = ::getpid();
    pid_ =
        static_cast<pid_t>(base::check(::syscall(SYS_clone3, &args, sizeof args), "clone", "test process"));
    if (pid_ == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent)
            ::_exit(125);
        for (const auto &tasks : cgroup.tasks_fds())
            if (::write(tasks.get(), "0", 1) != 1)
                ::_exit(126);
        ::_exit(body());
    }
    pidfd_ = base::UniqueFd(pidfd);
}

Member::Member(Member &&other) noexcept
    : pid_(std::exchange(other.pid_, -1)), pidfd_(std::move(other.pidfd_)) {}

Member::~Member() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        wait();
    }
}

int Member::wait() {
    int status = 0;
    base::check(::waitpid(pid_, &status, 0), "wait for", std::to_string(pid_));
    pid_ = -1;
    return status;
}

bool Member::ended(int milliseconds) const {
    pollfd waiting{pidfd_.get(), POLLIN, 0};
    return ::poll(&waiting, 1, milliseconds) == 1;
}

int sleep_forever() {
    for (;;)
        ::pause();
}

TestCgroup::TestCgroup(const Resources &resources, const std::vector<DeviceRule> &devices,
                       const std::string &parent)
    : hierarchy(detect_hierarchy()), id(base::random_hex(16)),
      cgroup(Cgroup::create(hierarchy, {"test-isolation", id, parent, resources, devices}, warnings)) {}

TestCgroup::~TestCgroup() {
    try {
        if (auto left = Cgroup::open(hierarchy, "test-isolation", id)) {
            left->kill();
            left->remove();
        }
    } catch (const std::exception &error) {
        std::cerr << "cleaning up: " << error.what() << "\n";
    }
}

std::string value(const Cgroup &cgroup, const std::string &controller, const std::string &file) {
    auto text = base::read_file(cgroup.path(controller) / file);
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

bool is_v2(const Hierarchy &hierarchy) {
    return hierarchy.kind == CgroupKind::v2;
}

bool has(const Hierarchy &hierarchy, const std::string &controller) {
    if (!is_v2(hierarchy))
        return hierarchy.v1.contains(controller);
    const auto controllers = " " + base::read_file(*hierarchy.unified / "cgroup.controllers");
    return controllers.find(" " + controller) != std::string::npos;
}

} // namespace world
