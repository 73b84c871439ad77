// Which devices a container may open or make. Rules are pure data applied in order as the v1 devices
// controller does; the kernel gets them as a BPF program (cgroup2) or as lines for devices.allow/deny (v1).
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace container {

struct DeviceRule {
    bool allow = true;
    char type = 'a';                    // 'a' every device, 'b' block, 'c' character
    std::optional<std::uint32_t> major; // empty is any
    std::optional<std::uint32_t> minor;
    std::string access = "rwm"; // of read, write, mknod
    bool operator==(const DeviceRule &) const = default;
};

// What every container of Docker may use: null, zero, full, random, urandom, tty, console, ptmx and ptys, and
// making (not opening) any node.
[[nodiscard]] std::vector<DeviceRule> default_device_rules();

// A rule of device_cgroup_rules: "c 1:3 mr", "a 7:* rmw". @throws base::Error saying what the form is.
[[nodiscard]] DeviceRule parse_device_rule(std::string_view text);

// The form of devices.allow: "c 1:3 rwm".
[[nodiscard]] std::string to_string(const DeviceRule &rule);

// What a list of rules comes to: a default, and the exceptions from it.
struct DevicePolicy {
    bool allow_by_default = false;
    std::vector<DeviceRule> exceptions; // `allow` is the opposite of allow_by_default in each
};

[[nodiscard]] DevicePolicy device_policy(const std::vector<DeviceRule> &rules);

// A BPF_PROG_TYPE_CGROUP_DEVICE program.
[[nodiscard]] std::vector<bpf_insn> assemble_device_program(const DevicePolicy &policy);

// Loads the program and attaches it to the cgroup2 directory, where it stays without us.
// @throws base::SystemError.
void attach_device_program(int cgroup_dir, const std::vector<bpf_insn> &program);

} // namespace container
