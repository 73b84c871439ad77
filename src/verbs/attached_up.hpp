// `up` in the foreground: starts the project, shows its output, and stops it on Ctrl-C or when asked to.
#pragma once

#include "base/file.hpp"
#include "base/json_fwd.hpp"
#include "compose/model.hpp"
#include "terminal/progress.hpp"
#include "verbs/context.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>

namespace cli {

struct AttachFlags {
    std::set<std::string> attach; // services whose output is shown
    std::set<std::string> stop;   // services that Ctrl-C stops
    bool abort_on_exit = false;
    bool abort_on_failure = false;
    std::string exit_code_from;
    std::optional<int> timeout;
    bool no_log_prefix = false;
    bool no_colour = false;
    bool timestamps = false;
};

// Returns the exit status. hold: let go once everything is started.
[[nodiscard]] int run_attached(const Context &context, const compose::Project &project,
                               const base::Json &body, const AttachFlags &flags, Progress &progress,
                               std::unique_ptr<base::FileLock> hold);

} // namespace cli
