// From the flags of `up`, `create` and `run` and the model to a request for the supervisor.
#pragma once

#include "base/json_fwd.hpp"
#include "compose/load.hpp"
#include "compose/plan/reconcile.hpp"
#include "terminal/command_line.hpp"
#include "verbs/context.hpp"
#include "verbs/images_of_project.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cli {

struct UpFlags {
    std::vector<std::string> services;
    std::vector<std::string> scale;
    std::string pull;
    std::optional<int> timeout;
    std::optional<int> wait_timeout;
    bool force_recreate = false;
    bool no_recreate = false;
    bool always_recreate_deps = false;
    bool no_deps = false;
    bool no_start = false;
    bool no_build = false;
    bool build = false;
    bool remove_orphans = false;
    bool renew_anon_volumes = false;
    bool quiet_pull = false;
    bool quiet_build = false;
    bool wait = false;
    bool yes = false;
};

// Adds the flags that `up` and `create` share.
void add_up_flags(Command &command, UpFlags &flags);

// @throws base::Error for flags that exclude each other.
void check_flags(const UpFlags &flags);

// Of the project only what these services need; the others count as known but switched off.
[[nodiscard]] compose::Project reduced(compose::Project project, const std::set<std::string> &services);

// Pulls and builds what is missing and makes the body of api_up. project: reduced. Until the containers are
// recorded the caller holds the image store, lest somebody collects the layers they need.
[[nodiscard]] base::Json up_body(const Context &context, const compose::Project &project,
                                 const UpFlags &flags, Progress &progress);

// The whole of `up` but staying attached. @throws base::Error with exit code 1, or 130 after Ctrl-C.
void up_detached(const Context &context, const compose::Project &project, const UpFlags &flags,
                 Progress &progress);

// What --dry-run prints.
[[nodiscard]] std::string dry_run(const Context &context, const compose::Project &project,
                                  const UpFlags &flags);

} // namespace cli
