// Runs the health checks of one container: the machine decides when, this executes and tells.
#pragma once

#include "base/async.hpp"
#include "engine/container/process.hpp"
#include "engine/container/spec.hpp"
#include "supervisor/health_machine.hpp"
#include "supervisor/record.hpp"
#include "supervisor/runtime.hpp"

#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>

namespace supervisor {

[[nodiscard]] HealthConfig health_config(const container::Healthcheck &check);

class HealthProbe {
  public:
    // changed: after each probe, once `state` has the outcome; its argument tells whether the status turned.
    HealthProbe(Runtime &runtime, const container::Spec &spec, StateRecord &state,
                std::function<void(bool)> changed);
    ~HealthProbe();

    [[nodiscard]] bool enabled() const;
    // The container's process runs; with a predecessor's health its status stays until the next probe.
    void start(const container::ProcessIdentity &target, bool adopted);
    void stop();
    // Whether the container is frozen: then nothing is probed, and a probe that was frozen with it does not
    // count.
    void stand_still(bool still);

  private:
    struct Run;

    void note(const ProbeRecord &record);

    Runtime &runtime_;
    const container::Spec &spec_;
    StateRecord &state_;
    std::function<void(bool)> changed_;
    HealthMachine machine_;
    bool still_ = false;
    std::shared_ptr<Run> run_; // of the process that is running now
};

} // namespace supervisor
