// RUN --mount: what is mounted while a command runs, and what of it counts for the cache. Blocks.
#pragma once

#include "base/file.hpp"
#include "base/paths.hpp"
#include "engine/build/agent_relay.hpp"
#include "engine/build/build_options.hpp"
#include "engine/build/origin_files.hpp"
#include "engine/build/ssh_agents.hpp"
#include "engine/container/spec.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace build {

// What the command is given besides its file system. Holds what must live as long as it runs: mounts, and the
// locks of caches.
struct RunMounts {
    std::vector<container::Mount> mounts;
    std::vector<container::GrantedFile> files;   // secrets
    std::vector<std::string> env;                // secrets, "NAME=VALUE"
    std::map<std::string, base::UniqueFd> trees; // target -> detached mount
    std::vector<base::UniqueFd> held;
    std::vector<std::unique_ptr<AgentRelay>> agents;
};

struct RunMountContext {
    const base::Paths &paths;
    const OpenOrigin &open;
    const std::map<std::string, Secret> &secrets; // by id
    SshAgents &agents;
    const Cancellation &cancellation;
    base::fs::path scratch; // a directory of this step, deleted after it
};

// @throws base::Error for a source or secret that is missing, and for what is not supported; image::Cancelled
// while another build has a cache.
[[nodiscard]] RunMounts prepare_mounts(const RunStep &run, const RunMountContext &context);

// What identifies the files that a mount of type bind shows.
using BoundContent = std::function<std::string(const RunStep::From &)>;

[[nodiscard]] std::string bound_content(const RunStep::From &from, const OpenOrigin &open);

// What the step's result depends on, as text: content of what is bound, ids of the rest.
[[nodiscard]] std::string mounts_key(const RunStep &run, const BoundContent &bound);

} // namespace build
