#include "engine/container/sysctls.hpp"

#include "base/error.hpp"
#include "engine/container/id_map.hpp"

#include <algorithm>

namespace container {

namespace {

using Kind = NamespaceMode::Kind;

constexpr const char *ipc_names[] = {"kernel.msgmax", "kernel.msgmnb",         "kernel.msgmni",
                                     "kernel.sem",    "kernel.shmall",         "kernel.shmmax",
                                     "kernel.shmmni", "kernel.shm_rmid_forced"};

bool is_ipc(const std::string &name) {
    return name.starts_with("fs.mqueue.")
           || std::find(std::begin(ipc_names), std::end(ipc_names), name) != std::end(ipc_names);
}

bool is_own(const NamespaceMode &mode) {
    return mode.kind == Kind::private_ || mode.kind == Kind::none;
}

void check(const Spec &spec, const std::string &name) {
    const bool network = name.starts_with("net.");
    if (name.find("..") != std::string::npos || (!network && !is_ipc(name)))
        throw base::Error(
            "sysctl " + name + " is not separate for each container",
            "set it on the host; allowed are net.*, fs.mqueue.* and the kernel.msg*, kernel.sem and "
            "kernel.shm* families");
    if (network && !is_own(spec.namespaces.network))
        throw base::Error("sysctl " + name + " can't be set in a network namespace that is shared",
                          "set it on the host or on the service that owns the network");
    if (!network && !is_own(spec.namespaces.ipc))
        throw base::Error("sysctl " + name + " can't be set in an ipc namespace that is shared",
                          "set it on the host or on the service that owns it");
}

// The kernel takes no group that the user namespace lacks.
std::uint32_t last_group(const Spec &spec) {
    std::uint32_t last = has_own_users(spec) ? 0 : 2147483647;
    for (const IdMapping &range : spec.namespaces.gid_map)
        last = std::max(last, range.inside + (range.size - 1));
    return last;
}

// Dots separate, and stand for slashes where the name has none: net.ipv4.conf.eth0/1.forwarding.
std::string path_of(std::string name) {
    for (char &character : name)
        character = character == '.' ? '/' : character == '/' ? '.' : character;
    return name;
}

} // namespace

std::map<std::string, std::string> effective_sysctls(const Spec &spec) {
    std::map<std::string, std::string> paths;
    if (is_own(spec.namespaces.network)) {
        paths["net/ipv4/ip_unprivileged_port_start"] = "0";
        paths["net/ipv4/ping_group_range"] = "0 " + std::to_string(last_group(spec));
    }
    for (const auto &[name, value] : spec.sysctls) {
        check(spec, name);
        paths[path_of(name)] = value;
    }
    return paths;
}

} // namespace container
