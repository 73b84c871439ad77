#include "base/error.hpp"
#include "engine/container/resources.hpp"

namespace container {

namespace {

using namespace std::chrono_literals;

void require(bool holds, const std::string &message, const std::string &hint) {
    if (!holds)
        throw base::Error(message, hint);
}

void validate_memory(const Resources &resources) {
    constexpr std::int64_t least = 6LL * 1024 * 1024;
    if (resources.memory)
        require(resources.memory->value >= least,
                "memory limit " + std::to_string(resources.memory->value) + " is too small",
                "the least a container can start with is 6MB");
    if (resources.memory_reservation)
        require(!resources.memory || resources.memory_reservation->value <= resources.memory->value,
                "memory reservation is greater than the memory limit",
                "lower mem_reservation or raise mem_limit");
    if (resources.memory_swap && resources.memory_swap->value != -1) {
        require(resources.memory.has_value(),
                "memory and swap are limited together, but memory is not limited", "set mem_limit too");
        require(resources.memory_swap->value >= resources.memory->value,
                "the limit for memory and swap is smaller than the one for memory",
                "memswap_limit is the sum of both; -1 is unlimited swap");
    }
    if (resources.memory_swappiness)
        require(*resources.memory_swappiness >= 0 && *resources.memory_swappiness <= 100,
                "memory swappiness " + std::to_string(*resources.memory_swappiness) + " is out of range",
                "mem_swappiness is 0 to 100");
}

void validate_cpu(const Resources &resources) {
    if (resources.cpus) {
        require(!resources.cpu_period && !resources.cpu_quota, "cpus conflicts with cpu_period and cpu_quota",
                "use either cpus or the other two");
        require(resources.cpus->value >= 10'000'000,
                "cpus " + std::to_string(static_cast<double>(resources.cpus->value) / 1e9) + " is too small",
                "the least is 0.01");
    }
    if (resources.cpu_period)
        require(*resources.cpu_period >= 1ms && *resources.cpu_period <= 1s,
                "cpu_period " + std::to_string(resources.cpu_period->count()) + " is out of range",
                "the period is 1000 to 1000000 microseconds");
    if (resources.cpu_quota)
        require(*resources.cpu_quota >= 1ms || *resources.cpu_quota == -1us,
                "cpu_quota " + std::to_string(resources.cpu_quota->count()) + " is too small",
                "the quota is at least 1000 microseconds a period; -1 is unlimited");
    if (resources.cpu_shares)
        require(*resources.cpu_shares >= 2 && *resources.cpu_shares <= 262144,
                "cpu_shares " + std::to_string(*resources.cpu_shares) + " is out of range",
                "shares are 2 to 262144; 1024 is what every container has");
}

void validate_weight(int weight) {
    require(weight >= 10 && weight <= 1000, "block I/O weight " + std::to_string(weight) + " is out of range",
            "weights are 10 to 1000; 500 is what every container has");
}

} // namespace

void validate(const Resources &resources) {
    validate_memory(resources);
    validate_cpu(resources);
    if (resources.pids_limit)
        require(*resources.pids_limit > 0 || *resources.pids_limit == -1,
                "pids limit " + std::to_string(*resources.pids_limit) + " leaves no process",
                "pids_limit is at least 1; -1 is unlimited");
    if (resources.block_io.weight)
        validate_weight(*resources.block_io.weight);
    for (const auto &device : resources.block_io.weight_devices)
        validate_weight(device.weight);
}

} // namespace container
