#include "engine/container/user_namespace.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/process_steps.hpp"

#include <sys/resource.h>

#include <cerrno>
#include <fcntl.h>
#include <sched.h>

namespace container {

namespace {

using Kind = NamespaceMode::Kind;

std::string map_text(const std::vector<IdMapping> &map) {
    std::string text;
    for (const IdMapping &range : map)
        text += std::to_string(range.inside) + " " + std::to_string(range.outside) + " "
                + std::to_string(range.size) + "\n";
    return text;
}

void check_shared(const NamespaceMode &mode, const char *what) {
    if (mode.kind != Kind::host && mode.kind != Kind::container)
        return;
    throw base::Error(std::string("a container with a user namespace of its own can't share the ") + what
                          + " namespace of " + (mode.kind == Kind::host ? "the host" : "another container"),
                      "set `userns_mode: host`, or share nothing");
}

const char *hint_for(int error) {
    return error == ENOSPC ? "raise the sysctl user.max_user_namespaces, or set `userns_mode: host`"
                           : "this kernel gives none: set `userns_mode: host`";
}

void start_empty(Launch &launch) {
    launch.builder.add(Op::await, StartStage::setup);
    try {
        launch.start(CLONE_VM | CLONE_NEWUSER, -1);
    } catch (const base::SystemError &error) {
        throw base::SystemError("create a user namespace", error.code(), "", hint_for(error.code()));
    }
}

} // namespace

base::UniqueFd make_user_namespace(const Namespaces &ids) {
    Launch launch;
    start_empty(launch);
    // A child of this process, which has not waited for it: the pid stays its own.
    const base::fs::path proc = "/proc/" + std::to_string(launch.pid);
    write_id_maps(ids, [&](const char *name, int flags) { return base::open_file(proc / name, flags); });
    base::UniqueFd result = base::open_file(proc / "ns/user", O_RDONLY);
    launch.kill();
    return result;
}

void write_id_maps(const Namespaces &ids, const OpenProc &open) {
    base::write_all(open("uid_map", O_WRONLY).get(), map_text(ids.uid_map), "uid_map");
    base::write_all(open("gid_map", O_WRONLY).get(), map_text(ids.gid_map), "gid_map");
}

std::vector<RaisedLimit> raised_limits(const std::vector<Rlimit> &wanted) {
    std::vector<RaisedLimit> raised;
    for (const Rlimit &limit : wanted) {
        RaisedLimit now{limit.name, resource_of(limit), {}};
        const rlim_t hard = limit.hard < 0 ? RLIM_INFINITY : static_cast<rlim_t>(limit.hard);
        base::check(::getrlimit(static_cast<__rlimit_resource_t>(now.resource), &now.limit), "read ulimit",
                    limit.name);
        if (hard <= now.limit.rlim_max)
            continue;
        now.limit.rlim_max = hard;
        raised.push_back(now);
    }
    return raised;
}

void check_own_users(const Spec &spec) {
    if (!spec.namespaces.own_users && spec.namespaces.uid_map.empty() && spec.namespaces.gid_map.empty())
        return;
    if (spec.security.privileged)
        throw base::Error("a privileged container can't have a user namespace of its own",
                          "set `userns_mode: host`, or grant what it needs with `cap_add` instead");
    check_shared(spec.namespaces.network, "network");
    check_shared(spec.namespaces.pid, "pid");
    check_shared(spec.namespaces.ipc, "ipc");
    if (spec.namespaces.uid_map.empty() || spec.namespaces.gid_map.empty())
        throw base::Error("the container has no ids for its user namespace", "recreate it");
}

} // namespace container
