// Numbers: what each may be, and limits that belong together. The kernel would refuse the rest, when the
// container is made.
#include "compose/decode_values.hpp"
#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

namespace compose {

namespace {

struct Range {
    std::string_view attribute; // below the service
    double least, most;
    std::optional<double> special = {}; // also allowed, and 0 with it: stands for none or no limit
    std::string_view hint = {};         // otherwise tells the range
};

constexpr double any = std::numeric_limits<double>::infinity();
constexpr double least_memory = 6.0 * 1024 * 1024; // as with Docker; a container needs it to start

constexpr Range ranges[] = {
    {"blkio_config.weight", 10, 1000, 0},
    {"cpu_count", 0, any, {}, "0 is no limit"},
    {"cpu_percent", 0, 100},
    {"cpu_period", 1000, 1000000, 0, "it is 1000 to 1000000 microseconds"},
    {"cpu_quota", 1000, any, -1, "it is 1000 microseconds or more; -1 is no limit"},
    {"cpu_shares", 0, 262144},
    {"cpus", 0.01, any, 0, "the least is 0.01; 0 is no limit"},
    {"deploy.resources.limits.cpus", 0.01, any, 0, "the least is 0.01; 0 is no limit"},
    {"deploy.resources.limits.memory", least_memory, any, 0, "the least is 6m; add the unit"},
    {"deploy.resources.limits.pids", -1, 4194304},
    {"mem_limit", least_memory, any, 0, "the least is 6m; add the unit"},
    {"mem_reservation", 0, any, {}, "0 is none"},
    {"mem_swappiness", 0, 100, -1},
    {"memswap_limit", 0, any, -1, "-1 is no limit"},
    {"oom_score_adj", -1000, 1000},
    {"pids_limit", -1, 4194304},
    {"shm_size", 0, any, {}, "0 is the default, 64m"},
};

constexpr std::array rated_lists{"device_read_bps", "device_read_iops", "device_write_bps",
                                 "device_write_iops"};

// A value below the service, by its path.
const Node *value_at(const Node &service, std::string_view path) {
    const Node *node = &service;
    while (node != nullptr && !path.empty()) {
        const auto dot = path.find('.');
        node = node->is_mapping() ? node->find(path.substr(0, dot)) : nullptr;
        path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    }
    return node;
}

std::optional<double> number_of(const Node &node) {
    if (const auto bytes = read_bytes(node))
        return static_cast<double>(*bytes);
    return read_number(node);
}

class LimitCheck {
  public:
    LimitCheck(const ServiceView &service, Diagnostics &diagnostics)
        : service_(service), diagnostics_(diagnostics) {}

    void all() {
        for (const Range &range : ranges)
            if (const Node *value = value_at(service_.node, range.attribute))
                in_range(*value, range);
        block_io();
        memory();
        processors();
        user_limits();
        times();
    }

  private:
    void error(const Node &value, std::string_view attribute, const std::string &message,
               const std::string &hint) {
        diagnostics_.error(value.location, service_.path(attribute), message, hint);
    }

    void in_range(const Node &value, const Range &range) {
        const auto number = number_of(value);
        if (!number || (*number >= range.least && *number <= range.most)
            || (range.special && (*number == *range.special || *number == 0)))
            return;
        std::string hint(range.hint);
        if (hint.empty())
            hint = "it is between " + std::to_string(std::llround(range.least)) + " and "
                   + std::to_string(std::llround(range.most));
        error(value, range.attribute, std::string(range.attribute) + " cannot be " + value.text, hint);
    }

    void block_io() {
        const Node *config = service_.find("blkio_config");
        if (config == nullptr)
            return;
        for (const Node &device : items_of(*config, "weight_device")) {
            check_path(device, "blkio_config.weight_device");
            if (const Node *weight = device.find("weight"))
                in_range(*weight, {"blkio_config.weight_device", 10, 1000, 0});
        }
        for (const char *list : rated_lists) {
            const std::string attribute = std::string("blkio_config.") + list;
            for (const Node &device : items_of(*config, list)) {
                check_path(device, attribute);
                if (const Node *rate = device.find("rate"))
                    in_range(*rate, {attribute, 0, any, {}, "it is a number for each second"});
            }
        }
    }

    void check_path(const Node &device, const std::string &attribute) {
        const Node *path = device.find("path");
        if (path == nullptr || (!is_unresolved(*path) && !path->text.starts_with('/')))
            error(path == nullptr ? device : *path, attribute, "a device needs an absolute path",
                  "add path: /dev/NAME");
    }

    // What both a service's own attribute and the one below deploy may give.
    const Node *either(std::string_view own, std::string_view of_deploy) const {
        const Node *value = service_.find(own);
        value = value == nullptr ? value_at(service_.node, of_deploy) : value;
        return value == nullptr || number_of(*value).value_or(0) == 0 ? nullptr : value;
    }

    void memory() {
        const Node *limit = either("mem_limit", "deploy.resources.limits.memory");
        const Node *reserved = either("mem_reservation", "deploy.resources.reservations.memory");
        const Node *with_swap = either("memswap_limit", "");
        if (limit != nullptr && reserved != nullptr && number_of(*reserved) > number_of(*limit))
            error(*reserved, "mem_reservation", "the memory reservation is greater than the memory limit",
                  "lower mem_reservation or raise mem_limit");
        if (with_swap == nullptr || number_of(*with_swap) == -1)
            return;
        if (limit == nullptr)
            error(*with_swap, "memswap_limit", "memswap_limit needs mem_limit",
                  "it is the sum of memory and swap: give mem_limit too");
        else if (number_of(*with_swap) < number_of(*limit))
            error(*with_swap, "memswap_limit", "memswap_limit is smaller than mem_limit",
                  "it is the sum of memory and swap; the same value is no swap, -1 is no limit");
    }

    void processors() {
        const Node *cpus = either("cpus", "deploy.resources.limits.cpus");
        for (const char *other : {"cpu_period", "cpu_quota"})
            if (const Node *value = either(other, ""); cpus != nullptr && value != nullptr)
                diagnostics_
                    .error(service_.node.key_location(other), service_.path(other),
                           std::string("cpus and ") + other + " exclude each other", "remove one of them")
                    .notes.push_back({cpus->location, "cpus is given here"});
    }

    void user_limits() {
        const Node *limits = service_.find("ulimits");
        if (limits == nullptr)
            return;
        for (const Member &member : limits->members) {
            const Node &value = member.value;
            if (value.is_scalar() && !is_unresolved(value) && read_integer(value).value_or(-2) < -1)
                error(value, "ulimits", member.key + " cannot be \"" + value.text + "\"",
                      "it is a number; -1 is no limit");
            const Node *soft = value.find("soft");
            const Node *hard = value.find("hard");
            if (soft == nullptr || hard == nullptr)
                continue;
            const auto low = read_integer(*soft);
            const auto high = read_integer(*hard);
            if (low && high && *high != -1 && (*low == -1 || *low > *high))
                error(*soft, "ulimits", "the soft limit of " + member.key + " is above the hard one",
                      "lower soft to " + hard->text);
        }
    }

    void times() {
        using namespace std::chrono_literals;
        constexpr std::array attributes{"stop_grace_period", "healthcheck.interval", "healthcheck.timeout",
                                        "healthcheck.start_period", "healthcheck.start_interval"};
        for (const std::string_view attribute : attributes) {
            const Node *value = value_at(service_.node, attribute);
            const auto time = value == nullptr ? std::nullopt : read_duration(*value);
            const bool check = attribute.starts_with("healthcheck.");
            if (time && (*time < 0s || (check && *time > 0s && *time < 1ms)))
                error(*value, attribute, std::string(attribute) + " cannot be " + value->text,
                      *time < 0s ? "write a duration such as 10s" : "it is 1ms or more");
        }
    }

    const ServiceView &service_;
    Diagnostics &diagnostics_;
};

} // namespace

void check_limits(const ServiceView &service, Diagnostics &diagnostics) {
    LimitCheck(service, diagnostics).all();
}

} // namespace compose
