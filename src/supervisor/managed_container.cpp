#include "supervisor/managed_container.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/container/devices.hpp"
#include "engine/container/exit_status.hpp"
#include "engine/container/spawn.hpp"
#include "supervisor/signal_reach.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace supervisor {

namespace asio = boost::asio;
using plan::Status;

namespace {

// With `-t 0` too a program may end by the stop signal: Docker's way from there to SIGKILL takes about as
// long.
constexpr std::chrono::milliseconds least_patience(100);

RestartPolicy policy_of(const container::RestartPolicy &policy) {
    return {static_cast<RestartPolicy::Kind>(policy.kind), policy.max_attempts, policy.delay, policy.window};
}

} // namespace

ManagedContainer::ManagedContainer(Runtime &runtime, ContainerInfo info, Find find)
    : runtime_(runtime), info_(std::move(info)), find_(std::move(find)),
      output_(runtime, info_.spec, info_.directory), network_(runtime, info_.spec, info_.directory),
      restart_(policy_of(info_.spec.restart)),
      health_(runtime, info_.spec, info_.state, [this](bool turned) { health_changed(turned); }),
      restart_timer_(runtime.io) {}

void ManagedContainer::save() {
    write_state(info_.directory, info_.state);
    runtime_.changed.notify_all();
}

void ManagedContainer::publish(const std::string &action, const std::string &text) {
    Answer event{.kind = AnswerKind::event,
                 .text = text,
                 .time = base::format_rfc3339(base::now()),
                 .action = action,
                 .service = spec().service,
                 .id = spec().id,
                 .name = spec().name};
    if (action == "die") {
        event.container_exit_code = state().exit_code;
        event.restarting = state().status == Status::restarting;
    }
    runtime_.events.publish(event);
}

void ManagedContainer::create_cgroup() {
    if (cgroup_)
        return;
    cgroup_ = container::Cgroup::create(runtime_.hierarchy,
                                        {.project = spec().project,
                                         .id = spec().id,
                                         .parent = spec().cgroup_parent,
                                         .resources = spec().resources,
                                         .devices = container::device_rules(spec())},
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
        create_cgroup();
        network_.reserve_ports();
        container::Spec resolved = spec();
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

void ManagedContainer::process_running(base::UniqueFd pidfd) {
    restart_.started(std::chrono::steady_clock::now());
    pidfd_.emplace(runtime_.io, pidfd.release());
    watch_process();
}

void ManagedContainer::watch_process() {
    pidfd_->async_wait(asio::posix::descriptor_base::wait_read,
                       [self = shared_from_this()](boost::system::error_code error) {
                           if (!error)
                               self->process_ended();
                       });
}

void ManagedContainer::process_ended() {
    const container::ProcessIdentity process{state().pid, state().start_ticks};
    const auto exits = runtime_.paths.project_run(spec().project) / "exits";
    auto outcome = container::exit_outcome(process, pidfd_->native_handle(),
                                           container::read_exit_records(exits).records);
    if (outcome.source == container::ExitSource::unknown)
        outcome = container::exit_outcome(process, pidfd_->native_handle(),
                                          container::read_exit_records(exits).records);
    pidfd_.reset();
    health_.stop();
    // Without a pid namespace of its own the rest of its processes is still there.
    if (cgroup_ && spec().namespaces.pid.kind != container::NamespaceMode::Kind::private_)
        cgroup_->kill();
    output_.close();
    info_.state.oom_killed = cgroup_ && cgroup_->oom_kills() > 0;
    info_.state.exit_known = outcome.source != container::ExitSource::unknown;
    info_.state.exit_code = outcome.exit_code();
    info_.state.pid = 0;
    info_.state.start_ticks = 0;
    info_.state.health = plan::Health::none;
    info_.state.finished = outcome.time.value_or(base::now());
    if (state().stopped_by_user)
        restart_.stopped_by_user();
    const auto again = restart_.exited(state().exit_code, std::chrono::steady_clock::now());
    info_.state.status = again ? Status::restarting : Status::exited;
    network_.detach(again.has_value());
    release_cgroup();
    asio::post(runtime_.blocking,
               [fd = std::make_shared<base::UniqueFd>(std::move(rootfs_))] { fd->reset(); });
    save();
    publish("die");
    if (again)
        schedule_restart(*again);
}

void ManagedContainer::release_cgroup() {
    if (!cgroup_)
        return;
    try {
        cgroup_->kill();
        cgroup_->remove();
    } catch (const base::Error &error) {
        base::log::error("{}: {}", spec().name, error.what());
    }
    cgroup_.reset();
}

namespace {

base::Task<> restart_now(std::shared_ptr<ManagedContainer> container) {
    co_await container->start();
}

} // namespace

void ManagedContainer::schedule_restart(SteadyTime at) {
    network_.expect_restart(at);
    restart_timer_.expires_at(at);
    restart_timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
        if (cancelled || self->state().status != Status::restarting)
            return;
        ++self->info_.state.restart_count;
        const auto next = [self](const std::exception_ptr &failure) {
            if (!failure)
                return;
            // A start that fails counts as a run that failed.
            const auto again = self->restart_.exited(1, std::chrono::steady_clock::now());
            self->info_.state.status = again ? Status::restarting : Status::exited;
            self->save();
            if (again)
                self->schedule_restart(*again);
        };
        asio::co_spawn(self->runtime_.io, restart_now(self), next);
    });
}

bool ManagedContainer::ignores(int signal) const {
    if (spec().process.init || spec().namespaces.pid.kind != container::NamespaceMode::Kind::private_)
        return false;
    const auto status = base::read_file_if(fmt::format("/proc/{}/status", state().pid));
    return status && !reaches_first_process(*status, signal);
}

base::Task<std::string> ManagedContainer::stop(std::optional<base::Duration> grace) {
    const auto self = shared_from_this();
    restart_timer_.cancel();
    while (starting_)
        co_await runtime_.changed.wait();
    info_.state.stopped_by_user = true;
    if (!has_process()) {
        if (state().status == Status::restarting) {
            info_.state.status = Status::exited;
            network_.detach(false);
        }
        if (state().status != Status::created)
            save();
        co_return "";
    }
    write_state(info_.directory, info_.state);
    const int signal = container::parse_signal(spec().stop_signal);
    const base::Duration patience =
        std::max<base::Duration>(grace.value_or(spec().stop_grace), least_patience);
    if (state().status == Status::paused)
        unpause();
    std::string killed;
    if (ignores(signal)) {
        killed = fmt::format("killed at once, its first process does not handle {}", spec().stop_signal);
        container::send_signal(pidfd_->native_handle(), SIGKILL);
        publish("kill", killed);
    } else {
        container::send_signal(pidfd_->native_handle(), signal);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (has_process() && std::chrono::steady_clock::now() < deadline)
            co_await runtime_.changed.wait_until(deadline);
        if (has_process())
            container::send_signal(pidfd_->native_handle(), SIGKILL);
    }
    co_await ended();
    publish("stop");
    co_return killed;
}

base::Task<> ManagedContainer::ended() {
    const auto self = shared_from_this();
    while (has_process() || starting_ || state().status == Status::restarting)
        co_await runtime_.changed.wait();
}

void ManagedContainer::kill(int signal) {
    if (!has_process())
        throw base::Error(fmt::format("container {} is not running", spec().name));
    if (signal == SIGKILL || signal == container::parse_signal(spec().stop_signal)) {
        info_.state.stopped_by_user = true;
        write_state(info_.directory, info_.state);
    }
    container::send_signal(pidfd_->native_handle(), signal);
    publish("kill");
}

void ManagedContainer::pause() {
    if (state().status == Status::paused)
        throw base::Error(fmt::format("container {} is already paused", spec().name));
    if (!has_process())
        throw base::Error(fmt::format("container {} is not running", spec().name));
    cgroup_->freeze();
    info_.state.status = Status::paused;
    save();
    publish("pause");
}

void ManagedContainer::unpause() {
    if (state().status != Status::paused)
        throw base::Error(fmt::format("container {} is not paused", spec().name));
    cgroup_->thaw();
    info_.state.status = Status::running;
    save();
    publish("unpause");
}

void ManagedContainer::adopt() {
    const bool had_process = state().status == Status::running || state().status == Status::paused;
    if (had_process || state().status == Status::restarting)
        cgroup_ =
            container::Cgroup::open(runtime_.hierarchy, spec().project, spec().id, spec().cgroup_parent);
    if (had_process) {
        output_.adopt();
        network_.adopt(state());
        const container::ProcessIdentity process{state().pid, state().start_ticks};
        if (auto pidfd = container::open_verified(process)) {
            process_running(std::move(*pidfd));
            health_.start(process, true);
            return;
        }
        pidfd_.emplace(runtime_.io, base::make_eventfd().release());
        process_ended();
    } else if (state().status == Status::restarting) {
        schedule_restart(std::chrono::steady_clock::now());
    } else if (auto stray = container::Cgroup::open(runtime_.hierarchy, spec().project, spec().id,
                                                    spec().cgroup_parent)) {
        // A predecessor was killed between the start of the process and the note of it.
        cgroup_ = std::move(*stray);
        release_cgroup();
    }
}

void ManagedContainer::remove(bool replaced) {
    restart_timer_.cancel();
    network_.detach(false);
    if (!replaced)
        network_.release_addresses();
    release_cgroup();
    container::remove(runtime_.paths, spec().project, spec().id);
    publish("destroy");
    runtime_.changed.notify_all();
}

void ManagedContainer::health_changed(bool turned) {
    write_state(info_.directory, info_.state);
    if (!turned)
        return;
    publish("health_status: " + plan::to_string(state().health));
    runtime_.changed.notify_all();
}

} // namespace supervisor
