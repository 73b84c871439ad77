#include "supervisor/managed_container.hpp"

#include "base/error.hpp"
#include "base/log.hpp"

#include <fmt/format.h>

#include <csignal>

namespace supervisor {

using plan::Status;

namespace {

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

void ManagedContainer::freeze() {
    cgroup_->freeze();
    health_.stand_still(true);
}

void ManagedContainer::thaw() {
    cgroup_->thaw();
    health_.stand_still(false);
}

void ManagedContainer::pause() {
    if (state().status == Status::paused)
        throw base::Error(fmt::format("container {} is already paused", spec().name));
    if (!has_process())
        throw base::Error(fmt::format("container {} is not running", spec().name));
    freeze();
    info_.state.status = Status::paused;
    save();
    publish("pause");
}

void ManagedContainer::unpause() {
    if (state().status != Status::paused)
        throw base::Error(fmt::format("container {} is not paused", spec().name));
    if (hold_.expired())
        thaw();
    info_.state.status = Status::running;
    save();
    publish("unpause");
}

void ManagedContainer::thaw_unless_wanted() {
    if (cgroup_ && state().status != Status::paused && hold_.expired())
        thaw();
}

ManagedContainer::Hold ManagedContainer::hold() {
    if (!has_process())
        throw base::Error(fmt::format("container {} is not running", spec().name));
    freeze();
    Hold hold = hold_.lock();
    if (!hold) {
        hold = Hold(this, [self = shared_from_this()](const void *) {
            try {
                self->thaw_unless_wanted();
            } catch (const base::Error &error) {
                base::log::error("{}: {}", self->spec().name, error.what());
            }
        });
        hold_ = hold;
    }
    return hold;
}

void ManagedContainer::end_hold() {
    if (hold_.expired())
        return;
    hold_.reset();
    thaw_unless_wanted();
    runtime_.changed.notify_all();
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
            thaw_unless_wanted(); // what a killed predecessor held
            health_.start(process, true);
            health_.stand_still(state().status == Status::paused);
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
