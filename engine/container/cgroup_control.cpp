// What is done to the processes of a group, and its end.
#include "base/error.hpp"
#include "base/syscall.hpp"
#include "engine/container/cgroup.hpp"
#include "engine/container/cgroup_files.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <set>
#include <unistd.h>

namespace container {

namespace {

namespace files = cgroup_files;
using Clock = std::chrono::steady_clock;

constexpr auto freeze_patience = std::chrono::seconds(10);
// For the few states the kernel has no event for; the wait is bounded by a deadline each time.
constexpr int retry_milliseconds = 1;

void write_or_throw(int dir, const char *file, std::string_view value, const std::string &stage,
                    const std::filesystem::path &path) {
    if (const int error = files::write(dir, file, value))
        throw base::SystemError(stage, error, path.string());
}

void freeze_v1(int dir, const std::filesystem::path &path) {
    const auto deadline = Clock::now() + freeze_patience;
    write_or_throw(dir, "freezer.state", "FROZEN", "freeze", path);
    // Reading is what makes the kernel look again whether all have stopped.
    while (files::read(dir, "freezer.state") == "FREEZING\n") {
        if (Clock::now() >= deadline) {
            write_or_throw(dir, "freezer.state", "THAWED", "thaw", path);
            throw base::Error("processes of " + path.string() + " can't be frozen",
                              "one of them is inside a system call that does not end");
        }
        ::poll(nullptr, 0, retry_milliseconds);
    }
}

std::string join(const std::vector<pid_t> &pids) {
    std::string text;
    for (const auto pid : pids)
        text += (text.empty() ? "" : ", ") + std::to_string(pid);
    return text;
}

} // namespace

void Cgroup::kill() {
    if (empty())
        return;
    if (unified_) {
        const int error = files::write(unified_.get(), "cgroup.kill", "1");
        if (error == 0 || error == ENODEV)
            return;
        if (error != ENOENT)
            throw base::SystemError("kill the processes of", error, unified_path_.string());
    }
    // Frozen, none can fork away between being listed and being signalled. A frozen v1 process dies when
    // thawed.
    const bool can_freeze =
        unified_ ? files::exists(unified_.get(), "cgroup.freeze") : dir_of("freezer") >= 0;
    if (can_freeze)
        freeze();
    signal_all(SIGKILL);
    if (can_freeze)
        thaw();
}

void Cgroup::signal_all(int signal) const {
    std::set<pid_t> signalled;
    for (bool again = true; again;) {
        again = false;
        for (const auto pid : processes())
            if (signalled.insert(pid).second) {
                ::kill(pid, signal);
                again = true;
            }
    }
}

void Cgroup::freeze() {
    if (unified_ && files::exists(unified_.get(), "cgroup.freeze")) {
        const auto events = events_fd();
        write_or_throw(unified_.get(), "cgroup.freeze", "1", "freeze", unified_path_);
        if (!files::wait_for(events.get(), "frozen", 1, Clock::now() + freeze_patience)) {
            thaw();
            throw base::Error("processes of " + unified_path_.string() + " can't be frozen",
                              "one of them is inside a system call that does not end");
        }
    } else if (const int dir = dir_of("freezer"); dir >= 0) {
        freeze_v1(dir, path("freezer"));
    } else {
        throw base::Error("this host can't pause containers",
                          "it needs the freezer controller, or Linux 5.2");
    }
}

void Cgroup::thaw() {
    if (unified_ && files::exists(unified_.get(), "cgroup.freeze"))
        write_or_throw(unified_.get(), "cgroup.freeze", "0", "thaw", unified_path_);
    else if (const int dir = dir_of("freezer"); dir >= 0)
        write_or_throw(dir, "freezer.state", "THAWED", "thaw", path("freezer"));
}

bool Cgroup::frozen() const {
    if (unified_ && files::exists(unified_.get(), "cgroup.freeze"))
        return files::read_key(unified_.get(), "cgroup.events", "frozen") == 1;
    const int dir = dir_of("freezer");
    return dir >= 0 && files::read(dir, "freezer.state") == "FROZEN\n";
}

std::vector<pid_t> Cgroup::processes() const {
    std::vector<pid_t> pids;
    if (const auto all = directories(); !all.empty())
        files::collect_processes(all.front().first, pids);
    std::sort(pids.begin(), pids.end());
    return pids;
}

base::UniqueFd Cgroup::events_fd() const {
    if (!unified_)
        return {};
    base::UniqueFd events(::openat(unified_.get(), "cgroup.events", O_RDONLY | O_CLOEXEC));
    if (!events)
        base::throw_errno("open", (unified_path_ / "cgroup.events").string());
    return events;
}

bool Cgroup::populated() const {
    if (unified_)
        return files::read_key(unified_.get(), "cgroup.events", "populated") == 1;
    return !processes().empty();
}

void Cgroup::wait_until_empty(Clock::time_point deadline) const {
    if (unified_ && files::exists(unified_.get(), "cgroup.events")) {
        if (files::wait_for(events_fd().get(), "populated", 0, deadline))
            return;
    } else {
        for (auto pids = processes(); !pids.empty() && Clock::now() < deadline; pids = processes()) {
            const base::UniqueFd first(base::sys_pidfd_open(pids.front()));
            pollfd waiting{first.get(), POLLIN, 0};
            // Reaped but still listed for a moment: there is nothing to wait on but time.
            ::poll(&waiting, first ? 1 : 0, first ? files::milliseconds_until(deadline) : retry_milliseconds);
            if (waiting.revents != 0)
                ::poll(nullptr, 0, retry_milliseconds);
        }
    }
    if (const auto pids = processes(); !pids.empty())
        throw base::Error("control group " + relative_ + " still has processes: " + join(pids),
                          "they did not end when killed; see their state with ps -o pid,stat,wchan,cmd");
}

void Cgroup::remove(std::chrono::milliseconds patience) {
    if (empty())
        return;
    tasks_.clear();
    const auto deadline = Clock::now() + patience;
    wait_until_empty(deadline);
    remove_directories(deadline);
}

void Cgroup::remove_directories(Clock::time_point deadline) const {
    for (const auto &[dir, path] : directories()) {
        int error = files::remove_group(path);
        // v1 counts a process for a moment longer than its exit is visible elsewhere.
        for (; error == EBUSY && Clock::now() < deadline; error = files::remove_group(path))
            ::poll(nullptr, 0, retry_milliseconds);
        if (error != 0)
            throw base::SystemError("remove control group", error, path.string());
        // compose/PROJECT and compose, unless another container's or project's: then rmdir refuses.
        if (own_parents_ && ::rmdir(path.parent_path().c_str()) == 0)
            ::rmdir(path.parent_path().parent_path().c_str());
    }
}

} // namespace container
