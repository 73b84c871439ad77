// The flags of `run`, and what they change in the service.
#pragma once

#include "compose/model.hpp"
#include "verbs/context.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cli {

struct RunOptions {
    std::string service;
    std::vector<std::string> command;
    std::vector<std::string> env, env_files, labels, volumes, publish, cap_add, cap_drop;
    std::optional<std::string> entrypoint;
    std::string name, user, workdir, pull;
    bool detach = false;
    bool remove = false;
    bool no_deps = false;
    bool no_tty = false;
    bool tty = false;
    bool interactive = true;
    bool service_ports = false;
    bool use_aliases = false;
    bool build = false;
    bool quiet = false;
    bool quiet_pull = false;
    bool remove_orphans = false;
};

// The service as this run wants it. @throws base::Error for a malformed flag.
[[nodiscard]] compose::Service overridden(compose::Service service, const RunOptions &options,
                                          const Context &context, const compose::Project &project);

} // namespace cli
