#include "engine/container/cgroup_limits.hpp"

#include "base/error.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

namespace container {

namespace {

constexpr std::int64_t default_period = 100'000; // microseconds

struct Bandwidth {
    std::optional<std::int64_t> quota; // microseconds of each period; -1 is unlimited
    std::optional<std::int64_t> period;
};

Bandwidth bandwidth(const Resources &resources) {
    Bandwidth result;
    if (resources.cpus) {
        result.period = default_period;
        result.quota = resources.cpus->value * default_period / 1'000'000'000;
        return result;
    }
    if (resources.cpu_period)
        result.period = resources.cpu_period->count();
    if (resources.cpu_quota)
        result.quota = resources.cpu_quota->count();
    return result;
}

// Memory and swap together; -1 is unlimited. Docker's default is as much swap again as memory.
std::optional<std::int64_t> memory_and_swap(const Resources &resources) {
    if (resources.memory_swap)
        return resources.memory_swap->value;
    if (resources.memory)
        return 2 * resources.memory->value;
    return std::nullopt;
}

std::string maximum(std::int64_t value) {
    return value < 0 ? "max" : std::to_string(value);
}

using Rates = std::vector<std::pair<const std::vector<DeviceRate> *, std::string>>;

Rates rates_of(const BlockIo &io, const char *read_bps, const char *write_bps, const char *read_iops,
               const char *write_iops) {
    return {{&io.read_bps, read_bps},
            {&io.write_bps, write_bps},
            {&io.read_iops, read_iops},
            {&io.write_iops, write_iops}};
}

} // namespace

std::string block_device_number(const std::string &path) {
    struct stat status {};

    if (::stat(path.c_str(), &status) < 0)
        base::throw_errno("find block device", path);
    if (!S_ISBLK(status.st_mode))
        throw base::Error(path + " is not a block device",
                          "blkio_config limits whole disks such as /dev/sda");
    return std::to_string(major(status.st_rdev)) + ":" + std::to_string(minor(status.st_rdev));
}

std::int64_t cpu_weight(std::int64_t shares) {
    return 1 + (shares - 2) * 9999 / 262142;
}

std::int64_t io_weight(int weight) {
    return 1 + (weight - 10) * 9999 / 990;
}

std::vector<LimitWrite> limits_v1(const Resources &resources, const DeviceNumber &number) {
    std::vector<LimitWrite> writes;
    const auto add = [&](const char *controller, const char *file, const std::string &value,
                         const char *what) {
        writes.push_back({controller, file, value, what, {}, {}});
    };
    if (resources.memory)
        add("memory", "memory.limit_in_bytes", std::to_string(resources.memory->value), "the memory limit");
    if (const auto both = memory_and_swap(resources))
        add("memory", "memory.memsw.limit_in_bytes", std::to_string(*both), "the swap limit");
    if (resources.memory_reservation)
        add("memory", "memory.soft_limit_in_bytes", std::to_string(resources.memory_reservation->value),
            "the memory reservation");
    if (resources.memory_swappiness)
        add("memory", "memory.swappiness", std::to_string(*resources.memory_swappiness), "the swappiness");
    if (resources.oom_kill_disable)
        add("memory", "memory.oom_control", "1", "oom_kill_disable");

    const auto cpu = bandwidth(resources);
    if (cpu.period)
        add("cpu", "cpu.cfs_period_us", std::to_string(*cpu.period), "the CPU period");
    if (cpu.quota)
        add("cpu", "cpu.cfs_quota_us", std::to_string(*cpu.quota), "the CPU limit");
    if (resources.cpu_shares)
        add("cpu", "cpu.shares", std::to_string(*resources.cpu_shares), "the CPU shares");
    if (!resources.cpuset_cpus.empty())
        add("cpuset", "cpuset.cpus", resources.cpuset_cpus, "the CPU set");
    if (!resources.cpuset_mems.empty())
        add("cpuset", "cpuset.mems", resources.cpuset_mems, "the memory node set");
    if (resources.pids_limit)
        add("pids", "pids.max", maximum(*resources.pids_limit), "the process limit");

    const auto &io = resources.block_io;
    if (io.weight)
        writes.push_back({"blkio", "blkio.weight", std::to_string(*io.weight), "the block I/O weight",
                          "blkio.bfq.weight", std::to_string(*io.weight)});
    for (const auto &device : io.weight_devices) {
        const auto value = number(device.path) + " " + std::to_string(device.weight);
        writes.push_back({"blkio", "blkio.weight_device", value, "the block I/O weight of " + device.path,
                          "blkio.bfq.weight_device", value});
    }
    for (const auto &[rates, key] : rates_of(io, "read_bps", "write_bps", "read_iops", "write_iops"))
        for (const auto &rate : *rates)
            writes.push_back({"blkio",
                              "blkio.throttle." + key + "_device",
                              number(rate.path) + " " + std::to_string(rate.rate),
                              "the I/O limit of " + rate.path,
                              {},
                              {}});
    return writes;
}

std::vector<LimitWrite> limits_v2(const Resources &resources, const DeviceNumber &number,
                                  std::vector<std::string> &warnings) {
    std::vector<LimitWrite> writes;
    const auto add = [&](const char *controller, const char *file, const std::string &value,
                         const char *what) {
        writes.push_back({controller, file, value, what, {}, {}});
    };
    if (resources.memory)
        add("memory", "memory.max", maximum(resources.memory->value), "the memory limit");
    if (const auto both = memory_and_swap(resources))
        add("memory", "memory.swap.max",
            *both < 0 || !resources.memory ? "max" : std::to_string(*both - resources.memory->value),
            "the swap limit");
    if (resources.memory_reservation)
        add("memory", "memory.low", std::to_string(resources.memory_reservation->value),
            "the memory reservation");
    if (resources.memory_swappiness)
        warnings.push_back("memory swappiness is ignored: cgroup v2 has no such setting");
    if (resources.oom_kill_disable)
        warnings.push_back("oom_kill_disable is ignored: cgroup v2 has no such setting");

    const auto cpu = bandwidth(resources);
    if (cpu.quota || cpu.period)
        add("cpu", "cpu.max",
            maximum(cpu.quota.value_or(-1)) + " " + std::to_string(cpu.period.value_or(default_period)),
            "the CPU limit");
    if (resources.cpu_shares)
        add("cpu", "cpu.weight", std::to_string(cpu_weight(*resources.cpu_shares)), "the CPU shares");
    if (!resources.cpuset_cpus.empty())
        add("cpuset", "cpuset.cpus", resources.cpuset_cpus, "the CPU set");
    if (!resources.cpuset_mems.empty())
        add("cpuset", "cpuset.mems", resources.cpuset_mems, "the memory node set");
    if (resources.pids_limit)
        add("pids", "pids.max", maximum(*resources.pids_limit), "the process limit");

    const auto &io = resources.block_io;
    if (io.weight)
        writes.push_back({"io", "io.weight", "default " + std::to_string(io_weight(*io.weight)),
                          "the block I/O weight", "io.bfq.weight", "default " + std::to_string(*io.weight)});
    for (const auto &device : io.weight_devices) {
        const auto prefix = number(device.path) + " ";
        writes.push_back({"io", "io.weight", prefix + std::to_string(io_weight(device.weight)),
                          "the block I/O weight of " + device.path, "io.bfq.weight",
                          prefix + std::to_string(device.weight)});
    }
    for (const auto &[rates, key] : rates_of(io, "rbps", "wbps", "riops", "wiops"))
        for (const auto &rate : *rates)
            writes.push_back({"io",
                              "io.max",
                              number(rate.path) + " " + key + "=" + std::to_string(rate.rate),
                              "the I/O limit of " + rate.path,
                              {},
                              {}});
    return writes;
}

} // namespace container
