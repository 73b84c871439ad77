// What the integration tests share: processes inside a container's groups.
#pragma once

#include "base/fd.hpp"
#include "base/syscall.hpp"
#include "engine/container/cgroup.hpp"

#include <sys/types.h>

#include <csignal>
#include <functional>

namespace world {

// A process in the groups; killed and reaped at the latest by the destructor.
class Member {
  public:
    // Joins as containers do (CLONE_INTO_CGROUP, then "0" to each v1 tasks file), then runs `body` and exits
    // with its result.
    Member(const container::Cgroup &cgroup, const std::function<int()> &body);
    Member(Member &&other) noexcept;
    Member(const Member &) = delete;
    Member &operator=(const Member &) = delete;
    Member &operator=(Member &&) = delete;
    ~Member();

    [[nodiscard]] pid_t pid() const { return pid_; }

    // The wait status.
    int wait();
    // True when it ended within the time.
    [[nodiscard]] bool ended(int milliseconds) const;

  private:
    pid_t pid_ = -1;
    base::UniqueFd pidfd_;
};

// Sleeps until it is killed.
int sleep_forever();

// A group of a random id in project "test-isolation", removed with all its processes at the end.
class TestCgroup {
  public:
    explicit TestCgroup(const container::Resources &resources = {},
                        const std::vector<container::DeviceRule> &devices = {},
                        const std::string &parent = {});
    TestCgroup(const TestCgroup &) = delete;
    TestCgroup &operator=(const TestCgroup &) = delete;
    ~TestCgroup();

    container::Hierarchy hierarchy;
    std::string id;
    std::vector<std::string> warnings;
    container::Cgroup cgroup;
};

// The value of one file of the group, without its newline.
std::string value(const container::Cgroup &cgroup, const std::string &controller, const std::string &file);

bool is_v2(const container::Hierarchy &hierarchy);
// Does this hierarchy control it at all?
bool has(const container::Hierarchy &hierarchy, const std::string &controller);

} // namespace world
