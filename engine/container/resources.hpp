// What a container may consume. Pure data; every field left empty means "no limit of ours".
// Times are microseconds where the kernel's are, rates are per second.
#pragma once

#include "base/json_fwd.hpp"
#include "base/units.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace container {

// A rate for one block device, named by its path on the host (/dev/sda).
struct DeviceRate {
    std::string path;
    std::int64_t rate = 0;
    bool operator==(const DeviceRate &) const = default;
};

// A relative weight (10-1000) for one block device.
struct DeviceWeight {
    std::string path;
    int weight = 0;
    bool operator==(const DeviceWeight &) const = default;
};

struct BlockIo {
    std::optional<int> weight; // 10-1000, of which 500 is everybody's default
    std::vector<DeviceWeight> weight_devices;
    std::vector<DeviceRate> read_bps;
    std::vector<DeviceRate> write_bps;
    std::vector<DeviceRate> read_iops;
    std::vector<DeviceRate> write_iops;
    [[nodiscard]] bool empty() const;
    bool operator==(const BlockIo &) const = default;
};

struct Resources {
    std::optional<base::Bytes> memory;
    std::optional<base::Bytes> memory_reservation;
    // Memory plus swap; -1 is unlimited swap. Empty with `memory` set means twice the memory, as in Docker.
    std::optional<base::Bytes> memory_swap;
    std::optional<int> memory_swappiness; // 0-100; cgroup v1 only
    bool oom_kill_disable = false;        // cgroup v1 only

    std::optional<base::NanoCpus> cpus; // excludes cpu_quota and cpu_period
    std::optional<std::chrono::microseconds> cpu_period;
    std::optional<std::chrono::microseconds> cpu_quota;
    std::optional<std::int64_t> cpu_shares; // 2-262144, of which 1024 is everybody's default
    std::string cpuset_cpus;                // "0-2,4"; empty is every processor
    std::string cpuset_mems;

    std::optional<std::int64_t> pids_limit; // -1 is unlimited
    BlockIo block_io;

    bool operator==(const Resources &) const = default;
};

// The form stored in container.json: only the fields that are set.
[[nodiscard]] base::Json to_json(const Resources &resources);
// @throws base::Error naming the field when a value has the wrong type.
[[nodiscard]] Resources resources_from_json(const base::Json &value);

// Rejects what no kernel accepts (negative memory, quota below 1 ms, swap below memory, ...).
// @throws base::Error that names the field and says what is allowed.
void validate(const Resources &resources);

} // namespace container
