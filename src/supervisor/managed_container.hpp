// One container while its supervisor runs: starts and stops its process, watches it, restarts it by its
// policy, probes its health, and keeps its state file true. One thread.
#pragma once

#include "base/async.hpp"
#include "engine/container/cgroup.hpp"
#include "engine/container/create.hpp"
#include "engine/container/process.hpp"
#include "supervisor/container_network.hpp"
#include "supervisor/container_output.hpp"
#include "supervisor/health_probe.hpp"
#include "supervisor/observer.hpp"
#include "supervisor/restart_machine.hpp"
#include "supervisor/runtime.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace supervisor {

class ManagedContainer : public std::enable_shared_from_this<ManagedContainer> {
  public:
    // "service:NAME", or the id or name of a container, to the container itself; null when there is none.
    using Find = std::function<std::shared_ptr<ManagedContainer>(const std::string &reference)>;

    ManagedContainer(Runtime &runtime, ContainerInfo info, Find find);

    [[nodiscard]] const container::Spec &spec() const { return info_.spec; }

    [[nodiscard]] const StateRecord &state() const { return info_.state; }

    [[nodiscard]] const std::filesystem::path &directory() const { return info_.directory; }

    [[nodiscard]] ContainerInfo info() const { return info_; }

    [[nodiscard]] bool has_process() const { return pidfd_.has_value(); }

    [[nodiscard]] bool starting() const { return starting_; }

    [[nodiscard]] bool has_health_check() const { return health_.enabled(); }

    // See ContainerNetwork::reserve_ports.
    void reserve_ports() { network_.reserve_ports(); }

    // Returns when the program runs. @throws base::Error with the service's name and what failed.
    base::Task<> start();

    // What the last start could not give the container, a sentence each.
    [[nodiscard]] const std::vector<std::string> &warnings() const { return warnings_; }

    // Returns when it has ended, after the stop signal or, when grace has passed, SIGKILL; and why it was
    // killed at once without a signal, empty when it was not.
    base::Task<std::string> stop(std::optional<base::Duration> grace);
    // @throws base::Error when there is no process.
    void kill(int signal);
    void pause();
    void unpause();

    // Frozen, whatever the status says, for as long as somebody keeps what is returned, or until stop() or
    // the end of the process. It is no status: a supervisor that comes after one that was killed lets go.
    using Hold = std::shared_ptr<const void>;
    // @throws base::Error when there is no process.
    [[nodiscard]] Hold hold();

    [[nodiscard]] bool is_held_by(const Hold &hold) const {
        return !hold_.owner_before(hold) && !hold.owner_before(hold_);
    }

    // Returns when there is no process, and none is about to be started again.
    base::Task<> ended();

    // For what was running when a predecessor ended: goes on with it, or with its end.
    void adopt();
    // Removes what it has on disk, volumes excepted. replaced: a successor gets its addresses. @pre no
    // process.
    void remove(bool replaced);

    // Tells everybody who listens to events.
    void publish(const std::string &action, const std::string &text = "");

    // See ContainerOutput::take_input.
    [[nodiscard]] base::UniqueFd take_input(bool once) { return output_.take_input(once); }

  private:
    void create_cgroup(const container::Spec &resolved);
    void watch_process();
    void process_ended();
    void process_running(base::UniqueFd pidfd);
    void schedule_restart(SteadyTime at);
    void start_failed(const container::StartFailure &failure);
    void release_cgroup();
    void health_changed(bool status_changed);
    void freeze();
    void thaw();
    void end_hold();
    void thaw_unless_wanted();
    void save();
    [[nodiscard]] bool ignores(int signal) const;
    [[nodiscard]] std::map<std::string, int> resolve_joined(container::Spec &spec) const;

    Runtime &runtime_;
    ContainerInfo info_;
    Find find_;
    ContainerOutput output_;
    ContainerNetwork network_;
    RestartMachine restart_;
    HealthProbe health_;
    std::optional<container::Cgroup> cgroup_;
    base::UniqueFd rootfs_;
    std::optional<boost::asio::posix::stream_descriptor> pidfd_;
    boost::asio::steady_timer restart_timer_;
    std::vector<std::string> warnings_;
    std::weak_ptr<const void> hold_;
    bool starting_ = false;
};

} // namespace supervisor
