// One container's control groups in every hierarchy of the host, held by directory descriptors: paths are
// recycled. The directories outlive the object; only remove() deletes them. Thread-compatible.
// All calls block for well under a millisecond unless said otherwise.
#pragma once

#include "base/fd.hpp"
#include "engine/container/cgroup_hierarchy.hpp"
#include "engine/container/device_filter.hpp"
#include "engine/container/resources.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace container {

struct CgroupSpec {
    std::string project;
    std::string id;
    // Replaces compose/PROJECT when not empty: a path below the root of every hierarchy, as Docker's. It is
    // made when missing and never removed, for it may be somebody else's.
    std::string parent;
    Resources resources;
    std::vector<DeviceRule> devices; // in order; empty allows every device
};

struct CgroupStats {
    std::int64_t memory_current = 0;       // bytes, page cache included
    std::int64_t memory_inactive_file = 0; // the part `docker stats` subtracts
    std::optional<std::int64_t> memory_peak;
    std::optional<std::int64_t> memory_limit;
    std::chrono::nanoseconds cpu_usage{0};
    std::chrono::nanoseconds cpu_throttled{0};
    std::int64_t pids = 0;
    std::uint64_t oom_kills = 0;
};

class Cgroup {
  public:
    // Makes the groups and sets the limits; nobody is inside yet. What the host can't limit becomes one
    // sentence each in `warnings`. Nothing is left behind when it throws.
    // @throws base::Error or SystemError naming the limit or the directory.
    static Cgroup create(const Hierarchy &hierarchy, const CgroupSpec &spec,
                         std::vector<std::string> &warnings);

    // The groups an earlier create() made; nullopt when none of them exists any more.
    static std::optional<Cgroup> open(const Hierarchy &hierarchy, const std::string &project,
                                      const std::string &id, const std::string &parent = {});

    // The groups a container's process is in, wherever they are: for exec into it.
    static Cgroup of_process(pid_t pid);

    // For CLONE_INTO_CGROUP; -1 where there is no cgroup2 mount.
    [[nodiscard]] int cgroup_fd() const { return unified_.get(); }

    // v1 `tasks` files open for writing: the new process itself writes "0" to each before exec, while it has
    // one thread. Empty on v2. Closed by close_tasks(), once the child is on its way.
    [[nodiscard]] const std::vector<base::UniqueFd> &tasks_fds() const { return tasks_; }

    void close_tasks() { tasks_.clear(); }

    // Moves another process in. On v1 this costs milliseconds (an RCU grace period): prefer the two above.
    void attach(pid_t pid);

    // Changes the limits that are set in `resources`; the others stay.
    void update(const Resources &resources, std::vector<std::string> &warnings);

    // SIGKILL to every process, frozen or not, also those being forked. Returns when all have been signalled.
    void kill();
    // Stops or resumes all processes; returns when the kernel reports them stopped (at most 10 s).
    void freeze();
    void thaw();
    [[nodiscard]] bool frozen() const;

    // Every process below, also in groups the container made itself. Ascending.
    [[nodiscard]] std::vector<pid_t> processes() const;

    // cgroup.events: POLLPRI when `populated` or `frozen` may have changed (re-read with populated()).
    // An invalid descriptor where there is no cgroup2 mount.
    [[nodiscard]] base::UniqueFd events_fd() const;
    [[nodiscard]] bool populated() const;

    [[nodiscard]] CgroupStats stats() const;
    // Processes the kernel killed because memory.max (or limit_in_bytes) was reached.
    [[nodiscard]] std::uint64_t oom_kills() const;

    // Deletes the groups, what the container made below them, and the project's group when this was its last.
    // Waits up to `patience` for processes that are still exiting.
    // @throws base::Error naming the processes that are still there.
    void remove(std::chrono::milliseconds patience = std::chrono::seconds(2));

    // The directory of one controller, for messages and tests. Empty when it isn't there.
    [[nodiscard]] std::filesystem::path path(const std::string &controller) const;

    // True when the host offers no group we may make: no limits, no statistics, kill() by the caller's means.
    [[nodiscard]] bool empty() const { return !unified_ && v1_.empty(); }

  private:
    // One directory of ours in a v1 hierarchy.
    struct Group {
        std::vector<std::string> controllers; // several where they are mounted together
        base::UniqueFd dir;
        std::filesystem::path path;
    };

    Cgroup() = default;

    void make_unified();
    void add_v1(const std::string &controller);
    void open_tasks();
    void filter_devices(const std::vector<DeviceRule> &rules, std::vector<std::string> &warnings) const;
    void apply(const Resources &resources, std::vector<std::string> &warnings);
    [[nodiscard]] const Group *find_v1(const std::string &controller) const;
    // The directory of the hierarchy with this controller, or -1.
    [[nodiscard]] int dir_of(const std::string &controller) const;
    // Every directory of ours, cgroup2 first: the first one answers for membership.
    [[nodiscard]] std::vector<std::pair<int, std::filesystem::path>> directories() const;
    void signal_all(int signal) const;
    void wait_until_empty(std::chrono::steady_clock::time_point deadline) const;
    void remove_directories(std::chrono::steady_clock::time_point deadline) const;

    Hierarchy hierarchy_;
    std::string relative_;     // compose/PROJECT/ID
    bool own_parents_ = false; // compose/PROJECT goes with its last container
    base::UniqueFd unified_;
    std::filesystem::path unified_path_;
    std::vector<Group> v1_;
    std::vector<base::UniqueFd> tasks_;
};

} // namespace container
