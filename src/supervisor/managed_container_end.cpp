// The part of ManagedContainer that ends its process, sees it end, and decides what comes after.
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "engine/container/exit_status.hpp"
#include "supervisor/managed_container.hpp"
#include "supervisor/signal_reach.hpp"

#include <boost/asio/post.hpp>
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

base::Task<> restart_now(std::shared_ptr<ManagedContainer> container) {
    co_await container->start();
}

} // namespace

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
    hold_.reset();
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
    end_hold();
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

} // namespace supervisor
