#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"
#include "compose/validate_rules.hpp"

#include <algorithm>

namespace compose {

namespace {

std::vector<BlkioRate> rates(const Node &blkio, std::string_view key) {
    std::vector<BlkioRate> result;
    for (const Node &item : items_of(blkio, key)) {
        const auto rate = get_bytes(item, "rate");
        result.push_back({get_text(item, "path"), rate ? static_cast<std::uint64_t>(rate->value) : 0});
    }
    return result;
}

Blkio blkio(const Node &node) {
    Blkio result;
    result.weight = static_cast<std::uint16_t>(get_integer(node, "weight").value_or(0));
    for (const Node &item : items_of(node, "weight_device"))
        result.weight_device.push_back(
            {get_text(item, "path"), static_cast<std::uint16_t>(get_integer(item, "weight").value_or(0))});
    result.device_read_bps = rates(node, "device_read_bps");
    result.device_write_bps = rates(node, "device_write_bps");
    result.device_read_iops = rates(node, "device_read_iops");
    result.device_write_iops = rates(node, "device_write_iops");
    return result;
}

template <typename Value>
void fall_back(std::optional<Value> &value, const std::optional<Value> &other) {
    if (!value)
        value = other;
}

void decode_deploy_resources(Resources &resources, const Node &node) {
    const Node *deploy = node.find("deploy");
    const Node *given = deploy == nullptr ? nullptr : deploy->find("resources");
    if (given == nullptr)
        return;
    if (const Node *limits = given->find("limits")) {
        fall_back(resources.cpus, get_cpus(*limits, "cpus"));
        fall_back(resources.memory, get_bytes(*limits, "memory"));
        fall_back(resources.pids, get_limit(*limits, "pids"));
    }
    if (const Node *reservations = given->find("reservations"))
        fall_back(resources.memory_reservation, get_bytes(*reservations, "memory"));
}

std::optional<Duration> microseconds(const Node &node, std::string_view key) {
    const auto value = get_limit(node, key);
    return value ? std::optional<Duration>(std::chrono::microseconds(*value)) : std::nullopt;
}

} // namespace

void decode_resources(Service &service, const Node &node) {
    Resources &resources = service.resources;
    resources.memory = get_bytes(node, "mem_limit");
    resources.memory_reservation = get_bytes(node, "mem_reservation");
    resources.memory_swap = get_bytes(node, "memswap_limit");
    // -1 is the default.
    if (const auto swappiness = get_integer(node, "mem_swappiness"); swappiness && *swappiness >= 0)
        resources.memory_swappiness = static_cast<int>(*swappiness);
    resources.cpus = get_cpus(node, "cpus");
    if (const auto shares = get_limit(node, "cpu_shares")) // the kernel has no fewer than two
        resources.cpu_shares = static_cast<std::uint64_t>(std::max<std::int64_t>(*shares, 2));
    resources.cpu_period = microseconds(node, "cpu_period");
    resources.cpu_quota = microseconds(node, "cpu_quota");
    resources.cpuset = get_text(node, "cpuset");
    resources.pids = get_limit(node, "pids_limit");
    resources.oom_kill_disable = get_boolean(node, "oom_kill_disable");
    if (const Node *given = node.find("blkio_config"))
        resources.blkio = blkio(*given);
    decode_deploy_resources(resources, node);

    service.shm_size = get_bytes(node, "shm_size");
    if (const auto score = get_integer(node, "oom_score_adj"))
        service.oom_score_adj = static_cast<int>(*score);
    service.replicas = static_cast<int>(replicas_of(node));
}

} // namespace compose
