// Runs the command of a RUN step in a container of its own, with the isolation services have. Blocks until it
// has ended with all its processes.
#pragma once

#include "engine/build/cancellation.hpp"
#include "engine/build/step_directory.hpp"
#include "engine/build/step_network.hpp"
#include "engine/container/cgroup_hierarchy.hpp"
#include "engine/container/spec.hpp"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace build {

struct ProcessRun {
    const base::Paths &paths;
    const StepDirectory &directory;
    container::Spec spec;                     // its id is the directory's
    const std::map<std::string, int> &mounts; // target -> detached mount
    StepNetwork *network = nullptr;           // for a namespace of its own with a way out
    std::string network_name;                 // as StepNetwork::join() takes it
    const Cancellation &cancellation;
    std::function<void(std::string_view)> output; // both streams as they come
    std::function<void(const std::string &)> warn;
};

// As a shell counts: the exit code, or 128 + signal. @throws base::Error when it can't be started (exit code
// 126 or 127 when the program is what is wrong), Cancelled.
int run_process(const ProcessRun &run);

} // namespace build
