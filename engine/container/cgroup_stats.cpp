#include "engine/container/cgroup.hpp"
#include "engine/container/cgroup_files.hpp"

namespace container {

namespace {

namespace files = cgroup_files;
using namespace std::chrono;

// v1 says "unlimited" with the greatest multiple of the page size.
constexpr std::int64_t v1_unlimited = 0x7ffffffffffff000 - 0xffff;

void read_memory_v1(int dir, CgroupStats &stats) {
    stats.memory_current = files::read_number(dir, "memory.usage_in_bytes").value_or(0);
    stats.memory_inactive_file = files::read_key(dir, "memory.stat", "total_inactive_file").value_or(0);
    stats.memory_peak = files::read_number(dir, "memory.max_usage_in_bytes");
    const auto limit = files::read_number(dir, "memory.limit_in_bytes");
    if (limit && *limit < v1_unlimited)
        stats.memory_limit = limit;
}

void read_memory_v2(int dir, CgroupStats &stats) {
    stats.memory_current = files::read_number(dir, "memory.current").value_or(0);
    stats.memory_inactive_file = files::read_key(dir, "memory.stat", "inactive_file").value_or(0);
    stats.memory_peak = files::read_number(dir, "memory.peak");
    stats.memory_limit = files::read_number(dir, "memory.max");
}

} // namespace

CgroupStats Cgroup::stats() const {
    CgroupStats stats;
    if (hierarchy_.v1.empty()) {
        if (!unified_)
            return stats;
        read_memory_v2(unified_.get(), stats);
        stats.cpu_usage = microseconds(files::read_key(unified_.get(), "cpu.stat", "usage_usec").value_or(0));
        stats.cpu_throttled =
            microseconds(files::read_key(unified_.get(), "cpu.stat", "throttled_usec").value_or(0));
    } else {
        if (const int dir = dir_of("memory"); dir >= 0)
            read_memory_v1(dir, stats);
        if (const int dir = dir_of("cpuacct"); dir >= 0)
            stats.cpu_usage = nanoseconds(files::read_number(dir, "cpuacct.usage").value_or(0));
        if (const int dir = dir_of("cpu"); dir >= 0)
            stats.cpu_throttled = nanoseconds(files::read_key(dir, "cpu.stat", "throttled_time").value_or(0));
    }
    if (const int dir = dir_of("pids"); dir >= 0)
        stats.pids = files::read_number(dir, "pids.current").value_or(0);
    stats.oom_kills = oom_kills();
    return stats;
}

std::uint64_t Cgroup::oom_kills() const {
    const int dir = dir_of("memory");
    if (dir < 0)
        return 0;
    const char *file = hierarchy_.v1.empty() ? "memory.events" : "memory.oom_control";
    return static_cast<std::uint64_t>(files::read_key(dir, file, "oom_kill").value_or(0));
}

} // namespace container
