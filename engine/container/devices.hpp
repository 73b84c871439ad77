// A container's /dev, and the device rules that go with its specification.
#pragma once

#include "base/fd.hpp"
#include "engine/container/device_filter.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/spec.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace container {

// One node to be made in the container.
struct DeviceNode {
    std::string target;
    mode_t mode = 0; // type and permissions
    dev_t number = 0;
    Owner owner;
};

// What the specification asks for beyond the default nodes; everything below the host's /dev when privileged.
// Directories are expanded. @throws base::Error for a source that is missing or no device.
[[nodiscard]] std::vector<DeviceNode> requested_devices(const Spec &spec);

// For CgroupSpec::devices: Docker's defaults, the devices above and device_cgroup_rules, in this order. None
// when privileged.
// @throws base::Error as above, or for a malformed rule.
[[nodiscard]] std::vector<DeviceRule> device_rules(const Spec &spec);

// A detached tmpfs with the default nodes, links, mount points and those of `nodes` that lie below /dev. What
// is not a node of `nodes` belongs to `owner`.
[[nodiscard]] base::UniqueFd make_dev(const std::vector<DeviceNode> &nodes, Owner owner = {});

// Those that lie elsewhere, in the root file system; directories made for them belong to `owner`.
// @throws base::SystemError.
void make_nodes_outside_dev(int root, const std::vector<DeviceNode> &nodes, Owner owner = {});

} // namespace container
