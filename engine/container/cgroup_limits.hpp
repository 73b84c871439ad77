// Resources as writes to the kernel's files: pure translation, one table for cgroup v1 and one for v2.
#pragma once

#include "engine/container/resources.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace container {

struct LimitWrite {
    std::string controller; // "memory", "cpu", "cpuset", "pids", "blkio" (v1) or "io" (v2)
    std::string file;       // "memory.max"
    std::string value;
    std::string what; // "the memory limit": for messages
    // A second place for the same limit, tried when `file` does not exist (blkio.bfq.weight).
    std::string alternative_file;
    std::string alternative_value;
};

// "8:0" for a device path. @throws base::Error when it is not a block device.
using DeviceNumber = std::function<std::string(const std::string &path)>;
[[nodiscard]] std::string block_device_number(const std::string &path);

// In the order the kernel accepts them for a new group. What that kind of hierarchy can't do at all adds a
// sentence to `warnings`.
[[nodiscard]] std::vector<LimitWrite> limits_v1(const Resources &resources, const DeviceNumber &number);
[[nodiscard]] std::vector<LimitWrite> limits_v2(const Resources &resources, const DeviceNumber &number,
                                                std::vector<std::string> &warnings);

// CPU shares (2-262144) and block I/O weights (10-1000) as v2 weights (1-10000), linearly as runc and crun
// do.
[[nodiscard]] std::int64_t cpu_weight(std::int64_t shares);
[[nodiscard]] std::int64_t io_weight(int weight);

} // namespace container
