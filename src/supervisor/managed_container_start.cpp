// The part of ManagedContainer that brings its process up.
#include "base/error.hpp"
#include "base/log.hpp"
#include "engine/container/cdi_registry.hpp"
#include "engine/container/devices.hpp"
#include "engine/container/spawn.hpp"
#include "supervisor/managed_container.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <unistd.h>

namespace supervisor {

namespace asio = boost::asio;
using plan::Status;

void ManagedContainer::create_cgroup(const container::Spec &resolved) {
    if (cgroup_)
        return;
    cgroup_ = container::Cgroup::create(runtime_.hierarchy,
                                        {.project = spec().project,
                                         .id = spec().id,
                                         .parent = spec().cgroup_parent,
                                         .resources = spec().resources,
                                         .devices = container::device_rules(resolved)},
                                        warnings_);
}

// Namespaces shared with other containers: their ids go into spec, their pidfds are returned by id.
std::map<std::string, int> ManagedContainer::resolve_joined(container::Spec &spec) const {
    std::map<std::string, int> joined;
    for (container::NamespaceMode *mode :
         {&spec.namespaces.pid, &spec.namespaces.network, &spec.namespaces.ipc}) {
        if (mode->kind != container::NamespaceMode::Kind::container)
            continue;
        const auto donor = find_(mode->container);
        if (!donor || !donor->has_process())
            throw base::Error(fmt::format("service {}: cannot share a namespace of {}: it is not running",
                                          spec.service, mode->container),
                              "start that service first");
        mode->container = donor->spec().id;
        joined[mode->container] = donor->pidfd_->native_handle();
    }
    return joined;
}

base::Task<> ManagedContainer::start() {
    const auto self = shared_from_this();
    if (has_process() || starting_)
        co_return;
    restart_timer_.cancel();
    starting_ = true;
    warnings_.clear();
    std::optional<container::Child> child;
    base::UniqueFd terminal;
    std::optional<container::StartFailure> failure;
    std::exception_ptr error;
    try {
        container::Spec resolved = container::with_cdi_devices(spec());
        create_cgroup(resolved);
        network_.reserve_ports();
        container::StartContext context{.paths = runtime_.paths,
                                        .cgroup = *cgroup_,
                                        .seccomp = runtime_.seccomp,
                                        .stdio = {},
                                        .window = {},
                                        .join = resolve_joined(resolved)};
        context.stdio = output_.open();
        child.emplace(container::spawn(resolved, context));
        warnings_.insert(warnings_.end(), child->warnings().begin(), child->warnings().end());
        for (const std::string &warning : warnings_)
            base::log::warning("{}: {}", spec().name, warning);
        network_.attach(child->take_netns(), info_.state);
        terminal = child->take_terminal();
        child->release();
        asio::posix::stream_descriptor decided(runtime_.io,
                                               base::UniqueFd(::dup(child->failure_fd())).release());
        container::Child::Outcome outcome = child->outcome();
        while (!outcome.decided) {
            boost::system::error_code ignored;
            co_await decided.async_wait(asio::posix::descriptor_base::wait_read,
                                        asio::redirect_error(asio::use_awaitable, ignored));
            outcome = child->outcome();
        }
        failure = outcome.failure;
    } catch (const container::StartError &failed) {
        failure = failed.failure();
    } catch (...) {
        error = std::current_exception();
    }
    starting_ = false;
    if (error || failure) {
        child.reset();
        output_.failed();
        network_.detach(false);
        release_cgroup();
        if (error)
            std::rethrow_exception(error);
        start_failed(*failure);
    }
    cgroup_->close_tasks();
    output_.started(std::move(terminal));
    rootfs_ = child->take_rootfs();
    const auto identity = container::identify(child->pid());
    info_.state.pid = child->pid();
    info_.state.start_ticks = identity ? identity->start_ticks : 0;
    info_.state.status = Status::running;
    info_.state.started = base::now();
    info_.state.error.clear();
    info_.state.exit_code = 0;
    info_.state.exit_known = true;
    info_.state.oom_killed = false;
    info_.state.stopped_by_user = false;
    process_running(child->take_pidfd());
    health_.start({state().pid, state().start_ticks}, false);
    save();
    publish("start");
}

void ManagedContainer::start_failed(const container::StartFailure &failure) {
    const container::StartError error("service " + spec().service, failure);
    info_.state.error = error.what();
    info_.state.exit_code = failure.exit_code();
    if (state().status != Status::created) {
        info_.state.status = Status::exited;
        info_.state.finished = base::now();
    }
    save();
    throw error;
}

} // namespace supervisor
