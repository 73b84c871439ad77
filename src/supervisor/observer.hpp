// Reads what exists from disk and kernel: the containers of a project with spec and state. Used by the
// supervisor when it starts and by every command that only looks.
#pragma once

#include "base/paths.hpp"
#include "compose/plan/observed.hpp"
#include "engine/container/spec.hpp"
#include "engine/network/host.hpp"
#include "supervisor/record.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace supervisor {

struct ContainerInfo {
    container::Spec spec;
    StateRecord state;
    std::filesystem::path directory;
};

// By service, then one-offs last, then number. A container whose process is gone without anybody having
// recorded it (keeper and supervisor both died) shows as exited with an unknown code.
[[nodiscard]] std::vector<ContainerInfo> read_containers(const base::Paths &paths,
                                                         const std::string &project);

// Names of the projects that have containers or a directory, sorted.
[[nodiscard]] std::vector<std::string> read_projects(const base::Paths &paths);

[[nodiscard]] plan::ObservedContainer observed_container(const ContainerInfo &info);

// Adds every network and volume of this host.
void observe_shared(const base::Paths &paths, network::Host &host, const std::string &project,
                    plan::Observed &observed);

// The project with every network and volume of this host.
[[nodiscard]] plan::Observed observe(const base::Paths &paths, const std::string &project);

} // namespace supervisor
