#include "engine/container/resources.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

namespace container {

namespace {

using base::Json;

template <typename T>
void read(const Json &object, const char *key, T &into) {
    const auto found = object.find(key);
    if (found == object.end())
        return;
    auto value = base::json_as<T>(*found);
    if (!value)
        throw base::Error("resources: \"" + std::string(key)
                          + "\" has the wrong type: " + base::dump_json(*found));
    into = std::move(*value);
}

std::optional<std::int64_t> read_number(const Json &object, const char *key) {
    if (!object.contains(key))
        return std::nullopt;
    std::int64_t value = 0;
    read(object, key, value);
    return value;
}

template <typename T>
void read_quantity(const Json &object, const char *key, std::optional<T> &into) {
    if (const auto number = read_number(object, key))
        into = T{*number};
}

template <typename T>
void write_quantity(Json &object, const char *key, const std::optional<T> &from) {
    if constexpr (requires { from->value; }) {
        if (from)
            object[key] = from->value;
    } else if constexpr (requires { from->count(); }) {
        if (from)
            object[key] = from->count();
    } else if (from) {
        object[key] = *from;
    }
}

void write_rates(Json &object, const char *key, const std::vector<DeviceRate> &rates) {
    for (const auto &rate : rates)
        object[key].push_back({{"path", rate.path}, {"rate", rate.rate}});
}

void read_rates(const Json &object, const char *key, std::vector<DeviceRate> &into) {
    Json rates = Json::array();
    read(object, key, rates);
    for (const auto &item : rates) {
        auto &rate = into.emplace_back();
        read(item, "path", rate.path);
        read(item, "rate", rate.rate);
    }
}

Json to_json(const BlockIo &io) {
    Json value = Json::object();
    write_quantity(value, "weight", io.weight);
    for (const auto &device : io.weight_devices)
        value["weight_devices"].push_back({{"path", device.path}, {"weight", device.weight}});
    write_rates(value, "read_bps", io.read_bps);
    write_rates(value, "write_bps", io.write_bps);
    write_rates(value, "read_iops", io.read_iops);
    write_rates(value, "write_iops", io.write_iops);
    return value;
}

BlockIo block_io_from_json(const Json &value) {
    BlockIo io;
    if (const auto weight = read_number(value, "weight"))
        io.weight = static_cast<int>(*weight);
    Json weights = Json::array();
    read(value, "weight_devices", weights);
    for (const auto &item : weights) {
        auto &device = io.weight_devices.emplace_back();
        read(item, "path", device.path);
        read(item, "weight", device.weight);
    }
    read_rates(value, "read_bps", io.read_bps);
    read_rates(value, "write_bps", io.write_bps);
    read_rates(value, "read_iops", io.read_iops);
    read_rates(value, "write_iops", io.write_iops);
    return io;
}

} // namespace

bool BlockIo::empty() const {
    return *this == BlockIo{};
}

Json to_json(const Resources &resources) {
    Json value = Json::object();
    write_quantity(value, "memory", resources.memory);
    write_quantity(value, "memory_reservation", resources.memory_reservation);
    write_quantity(value, "memory_swap", resources.memory_swap);
    write_quantity(value, "memory_swappiness", resources.memory_swappiness);
    if (resources.oom_kill_disable)
        value["oom_kill_disable"] = true;
    write_quantity(value, "nano_cpus", resources.cpus);
    write_quantity(value, "cpu_period_us", resources.cpu_period);
    write_quantity(value, "cpu_quota_us", resources.cpu_quota);
    write_quantity(value, "cpu_shares", resources.cpu_shares);
    if (!resources.cpuset_cpus.empty())
        value["cpuset_cpus"] = resources.cpuset_cpus;
    if (!resources.cpuset_mems.empty())
        value["cpuset_mems"] = resources.cpuset_mems;
    write_quantity(value, "pids_limit", resources.pids_limit);
    if (!resources.block_io.empty())
        value["block_io"] = to_json(resources.block_io);
    return value;
}

Resources resources_from_json(const Json &value) {
    Resources resources;
    read_quantity(value, "memory", resources.memory);
    read_quantity(value, "memory_reservation", resources.memory_reservation);
    read_quantity(value, "memory_swap", resources.memory_swap);
    if (const auto swappiness = read_number(value, "memory_swappiness"))
        resources.memory_swappiness = static_cast<int>(*swappiness);
    read(value, "oom_kill_disable", resources.oom_kill_disable);
    read_quantity(value, "nano_cpus", resources.cpus);
    read_quantity(value, "cpu_period_us", resources.cpu_period);
    read_quantity(value, "cpu_quota_us", resources.cpu_quota);
    read_quantity(value, "cpu_shares", resources.cpu_shares);
    read(value, "cpuset_cpus", resources.cpuset_cpus);
    read(value, "cpuset_mems", resources.cpuset_mems);
    read_quantity(value, "pids_limit", resources.pids_limit);
    if (const auto io = value.find("block_io"); io != value.end())
        resources.block_io = block_io_from_json(*io);
    return resources;
}

} // namespace container
