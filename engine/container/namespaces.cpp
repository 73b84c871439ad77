#include "engine/container/namespaces.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/user_namespace.hpp"

#include <sys/prctl.h>

#include <exception>
#include <fcntl.h>
#include <sched.h>

namespace container {

namespace {

using Kind = NamespaceMode::Kind;

bool is_own(const NamespaceMode &mode) {
    return mode.kind == Kind::private_ || mode.kind == Kind::none;
}

void add_join(ProgramBuilder &builder, const NamespaceMode &mode, std::uint64_t flag,
              const StartContext &context) {
    if (mode.kind != Kind::container)
        return;
    Step &step = builder.add(Op::setns, StartStage::join);
    step.slot = builder.borrow(joined(context, mode.container));
    step.x = flag;
    step.subject = builder.text(mode.container.substr(0, 12));
}

} // namespace

std::uint64_t namespace_flags(const Spec &spec) {
    const Namespaces &modes = spec.namespaces;
    check_own_users(spec);
    // The message queues of an ipc namespace belong to who makes it: that has to be the new root.
    const std::uint64_t users_or_ipc = has_own_users(spec) ? CLONE_NEWUSER
                                       : is_own(modes.ipc) ? CLONE_NEWIPC
                                                           : 0;
    return CLONE_NEWNS | users_or_ipc | (is_own(modes.pid) ? CLONE_NEWPID : 0)
           | (is_own(modes.network) ? CLONE_NEWNET : 0) | (is_own(modes.uts) ? CLONE_NEWUTS : 0);
}

bool owns_network(const Spec &spec) {
    return is_own(spec.namespaces.network);
}

int joined(const StartContext &context, const std::string &container) {
    const auto found = context.join.find(container);
    if (found == context.join.end())
        throw base::Error("container " + container.substr(0, 12)
                              + ", whose namespaces are shared, is not running",
                          "start its service first");
    return found->second;
}

void add_joins(ProgramBuilder &builder, const Spec &spec, const StartContext &context) {
    add_join(builder, spec.namespaces.network, CLONE_NEWNET, context);
    add_join(builder, spec.namespaces.ipc, CLONE_NEWIPC, context);
    add_join(builder, spec.namespaces.uts, CLONE_NEWUTS, context);
}

void with_pid_namespace(const Spec &spec, const StartContext &context, const std::function<void()> &start) {
    const NamespaceMode &mode = spec.namespaces.pid;
    if (mode.kind != Kind::container)
        return start();
    // Processes of the other container see ours before it gives up its privileges: they may not trace it.
    base::check(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0), "forbid tracing", "");
    const base::UniqueFd own = base::open_file("/proc/thread-self/ns/pid", O_RDONLY);
    base::check(::setns(joined(context, mode.container), CLONE_NEWPID), "join the pid namespace of container",
                mode.container.substr(0, 12));
    std::exception_ptr failure;
    try {
        start();
    } catch (...) {
        failure = std::current_exception();
    }
    base::check(::setns(own.get(), CLONE_NEWPID), "leave the pid namespace of container",
                mode.container.substr(0, 12));
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace container
