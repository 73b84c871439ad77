// Limits and device rules: what create() and update() write.
#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cgroup.hpp"
#include "engine/container/cgroup_files.hpp"
#include "engine/container/cgroup_limits.hpp"

#include <algorithm>
#include <array>
#include <unistd.h>

namespace container {

namespace {

namespace files = cgroup_files;
namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> unified_controllers = {"cpu", "memory", "pids", "io", "cpuset"};

bool lists(const std::string &text, std::string_view word) {
    const auto padded = " " + text.substr(0, text.find('\n')) + " ";
    return padded.find(" " + std::string(word) + " ") != std::string::npos;
}

// Only the root may both have processes and hand controllers to its children. Elsewhere they move into a
// leaf, also where the kernel would not refuse: with cpu and pids alone it makes the children's groups
// unusable instead.
void move_processes_to_leaf(int dir, const fs::path &path) {
    const bool is_root = !files::exists(dir, "cgroup.type");
    std::string pids = files::read(dir, "cgroup.procs").value_or("");
    if (is_root || pids.empty())
        return;
    const auto leaf = files::make_group(path, "compose-leaf");
    while (!pids.empty()) {
        const auto pid = pids.substr(0, pids.find('\n'));
        // One that has ended meanwhile, and kernel threads, stay out of it.
        if (const int error = files::write(leaf.get(), "cgroup.procs", pid);
            error != 0 && error != ESRCH && error != EINVAL)
            throw base::SystemError("move process " + pid + " to", error, (path / "compose-leaf").string());
        pids.erase(0, pid.size() + 1);
    }
}

// Hands down every controller of ours that the group has. What can't be handed down is missed, and reported,
// where a limit needs it.
void enable_controllers(const fs::path &path) {
    const auto dir = base::open_dir(path);
    const auto available = files::read(dir.get(), "cgroup.controllers").value_or("");
    const auto enabled = files::read(dir.get(), "cgroup.subtree_control").value_or("");
    for (const auto controller : unified_controllers) {
        if (!lists(available, controller) || lists(enabled, controller))
            continue;
        move_processes_to_leaf(dir.get(), path);
        const int error = files::write(dir.get(), "cgroup.subtree_control", "+" + std::string(controller));
        if (error != 0 && error != EBUSY && error != EOPNOTSUPP && error != ENOENT)
            throw base::SystemError("enable " + std::string(controller) + " in", error,
                                    (path / "cgroup.subtree_control").string());
    }
}

void write_limit(int dir, const fs::path &path, const LimitWrite &limit, std::vector<std::string> &warnings) {
    int error = files::write(dir, limit.file.c_str(), limit.value);
    if (error == ENOENT && !limit.alternative_file.empty())
        error = files::write(dir, limit.alternative_file.c_str(), limit.alternative_value);
    if (error == ENOENT)
        warnings.push_back(limit.what + " is ignored: this kernel has no " + limit.file);
    else if (error != 0)
        throw base::SystemError("set " + limit.what + " to " + limit.value + " in", error, path.string(),
                                "see which values the host allows, or leave the limit out");
}

// v1 wants memory <= memory+swap at every moment: raise the sum first, lower it last.
void order_memory(std::vector<LimitWrite> &limits, int memory_dir) {
    if (limits.size() < 2 || limits[1].file != "memory.memsw.limit_in_bytes")
        return;
    const auto now = files::read_number(memory_dir, "memory.memsw.limit_in_bytes");
    const auto wanted = std::stoll(limits[1].value);
    if (now && (wanted < 0 || wanted > *now))
        std::swap(limits[0], limits[1]);
}

} // namespace

void Cgroup::make_unified() {
    if (!hierarchy_.unified)
        return;
    unified_path_ = *hierarchy_.unified / relative_;
    unified_ = files::make_group(*hierarchy_.unified, relative_);
    if (hierarchy_.kind != CgroupKind::v2)
        return;
    auto level = *hierarchy_.unified;
    enable_controllers(level);
    for (const auto &part : fs::path(relative_).parent_path())
        enable_controllers(level /= part);
}

void Cgroup::apply(const Resources &resources, std::vector<std::string> &warnings) {
    const bool v2 = hierarchy_.v1.empty();
    auto limits =
        v2 ? limits_v2(resources, block_device_number, warnings) : limits_v1(resources, block_device_number);
    const auto members = processes();
    for (const auto &limit : limits) {
        const bool missing = !v2 && find_v1(limit.controller) == nullptr;
        add_v1(limit.controller);
        if (const auto *added = missing ? find_v1(limit.controller) : nullptr)
            for (const auto pid : members)
                if (const int error = files::write(added->dir.get(), "cgroup.procs", std::to_string(pid));
                    error != 0 && error != ESRCH)
                    throw base::SystemError("move process " + std::to_string(pid) + " to", error,
                                            added->path.string());
    }
    if (!v2)
        order_memory(limits, dir_of("memory"));
    for (const auto &limit : limits) {
        const bool implied_swap = limit.what == "the swap limit" && !resources.memory_swap;
        const int dir = dir_of(limit.controller);
        if (implied_swap && (dir < 0 || !files::exists(dir, limit.file.c_str())))
            continue; // nobody asked for it, and without swap accounting there is nothing to limit
        if (dir < 0)
            warnings.push_back(limit.what + " is ignored: this host has no " + limit.controller
                               + " controller");
        else
            write_limit(dir, path(limit.controller), limit, warnings);
    }
}

void Cgroup::update(const Resources &resources, std::vector<std::string> &warnings) {
    validate(resources);
    if (!empty())
        apply(resources, warnings);
}

void Cgroup::filter_devices(const std::vector<DeviceRule> &rules, std::vector<std::string> &warnings) const {
    const auto policy = device_policy(rules);
    if (rules.empty() || (policy.allow_by_default && policy.exceptions.empty()))
        return;
    if (unified_) {
        try {
            attach_device_program(unified_.get(), assemble_device_program(policy));
        } catch (const base::SystemError &error) {
            // Without CAP_SYS_ADMIN on the host there is no mknod either, which is what the filter guards.
            if (error.code() != EPERM || ::geteuid() == 0)
                throw;
            warnings.push_back("device rules are ignored: this user may not attach a device filter");
        }
        return;
    }
    const int dir = dir_of("devices");
    if (dir < 0) {
        warnings.push_back("device rules are ignored: this host has no devices controller");
        return;
    }
    const char *base_file = policy.allow_by_default ? "devices.allow" : "devices.deny";
    const char *exception_file = policy.allow_by_default ? "devices.deny" : "devices.allow";
    int error = files::write(dir, base_file, "a");
    for (const auto &rule : policy.exceptions)
        if (error == 0)
            error = files::write(dir, exception_file, to_string(rule));
    if (error != 0)
        throw base::SystemError("set the device rules in", error, path("devices").string());
}

} // namespace container
