#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "engine/image/store.hpp"
#include "terminal/terminal.hpp"
#include "verbs/attached_up.hpp"
#include "verbs/request.hpp"
#include "verbs/up_request.hpp"
#include "verbs/verbs.hpp"

#include <unistd.h>

namespace cli {

namespace {

struct UpOptions : UpFlags {
    bool detach = false;
    bool abort_on_exit = false;
    bool abort_on_failure = false;
    bool attach_dependencies = false;
    bool no_colour = false;
    bool no_log_prefix = false;
    bool timestamps = false;
    std::string exit_code_from;
    std::vector<std::string> attach;
    std::vector<std::string> no_attach;
};

void check(const UpOptions &options) {
    check_flags(options);
    const bool aborts = options.abort_on_exit || options.abort_on_failure || !options.exit_code_from.empty();
    if ((options.detach || options.wait) && aborts)
        throw base::Error(
            "--detach cannot be combined with --abort-on-container-exit, --abort-on-container-failure "
            "or --exit-code-from",
            "drop -d");
    if (options.detach && (!options.attach.empty() || options.attach_dependencies))
        throw base::Error("--detach cannot be combined with --attach or --attach-dependencies", "drop -d");
    if (options.abort_on_exit && options.abort_on_failure)
        throw base::Error("--abort-on-container-exit cannot be combined with --abort-on-container-failure",
                          "drop one of them");
}

AttachFlags attach_flags(const UpOptions &options, const compose::Project &project) {
    AttachFlags flags;
    const std::set<std::string> targets(options.services.begin(), options.services.end());
    for (const auto &[name, service] : project.services) {
        const bool targeted = targets.empty() || targets.contains(name);
        if (targeted)
            flags.stop.insert(name);
        if ((targeted || options.attach_dependencies) && (service.attach || targets.contains(name)))
            flags.attach.insert(name);
    }
    if (!options.attach.empty()) {
        flags.attach = {options.attach.begin(), options.attach.end()};
        for (const std::string &name : flags.attach)
            if (!project.services.contains(name))
                throw base::Error("no such service: " + name);
    }
    for (const std::string &name : options.no_attach)
        flags.attach.erase(name);
    flags.abort_on_failure = options.abort_on_failure;
    flags.abort_on_exit =
        options.abort_on_exit || (!options.exit_code_from.empty() && !options.abort_on_failure);
    flags.exit_code_from = options.exit_code_from;
    flags.timeout = options.timeout;
    flags.no_log_prefix = options.no_log_prefix;
    flags.no_colour = options.no_colour;
    flags.timestamps = options.timestamps;
    return flags;
}

// As Docker Compose: an error of up, and nothing to do for create.
int nothing_selected(const compose::Project &project, const UpOptions &options) {
    if (options.no_start)
        return 0;
    throw base::Error("no service selected",
                      project.disabled_services.empty()
                          ? "the file has no services"
                          : "all services need a profile: enable one with --profile, or name a service");
}

int run_up(const Context &context, const UpOptions &options) {
    check(options);
    const compose::Loaded loaded = context.load(options.services);
    require_services(loaded.project, options.services);
    if (!options.exit_code_from.empty())
        require_services(loaded.project, {options.exit_code_from});
    const compose::Project project =
        reduced(loaded.project, with_dependencies(loaded.project, options.services, !options.no_deps));
    if (context.options.dry_run) {
        print(STDERR_FILENO, dry_run(context, project, options));
        return 0;
    }
    if (project.services.empty() && !context.options.all_resources)
        return nothing_selected(loaded.project, options);
    const auto progress = context.progress("Running");
    if (options.detach || options.wait || options.no_start) {
        up_detached(context, project, options, *progress);
        return 0;
    }
    auto hold = std::make_unique<base::FileLock>(image::Store(context.paths()).hold());
    const base::Json body = up_body(context, project, options, *progress);
    return run_attached(context, project, body, attach_flags(options, project), *progress, std::move(hold));
}

int run_create(const Context &context, const UpOptions &options) {
    UpOptions create = options;
    create.no_start = true;
    return run_up(context, create);
}

} // namespace

void add_up(Command &root, Context &context) {
    auto options = std::make_shared<UpOptions>();
    Command up = root.subcommand("up", "Create and start containers");
    up.flag("-d,--detach", options->detach, "Run in the background");
    add_up_flags(up, *options);
    up.flag("--always-recreate-deps", options->always_recreate_deps, "Recreate dependencies too")
        .flag("--no-deps", options->no_deps, "Do not start what the services depend on")
        .flag("--no-start", options->no_start, "Create only")
        .flag("-V,--renew-anon-volumes", options->renew_anon_volumes,
              "New anonymous volumes instead of those of the previous containers")
        .option("-t,--timeout", options->timeout, "Seconds to wait for containers to stop", "SECONDS")
        .flag("--wait", options->wait, "Return when services are running or healthy; implies -d")
        .option("--wait-timeout", options->wait_timeout, "Give up waiting after this time", "SECONDS")
        .flag("--abort-on-container-exit", options->abort_on_exit, "Stop everything when a container exits")
        .flag("--abort-on-container-failure", options->abort_on_failure,
              "Stop everything when a container exits with another code than 0")
        .option("--exit-code-from", options->exit_code_from, "Exit with the code of this service's container",
                "SERVICE")
        .list("--attach", options->attach, "Show the output of these services only", "SERVICE")
        .list("--no-attach", options->no_attach, "Do not show the output of these services", "SERVICE")
        .flag("--attach-dependencies", options->attach_dependencies, "Show the output of dependencies too")
        .flag("--no-color", options->no_colour, "Output without colours")
        .flag("--no-log-prefix", options->no_log_prefix, "Output without the container's name in front")
        .flag("--timestamps", options->timestamps, "Show when each line was written")
        .positionals("SERVICE", options->services, "Services to start; all when none is named")
        .action([&context, options] { return run_up(context, *options); });
}

void add_create(Command &root, Context &context) {
    auto options = std::make_shared<UpOptions>();
    Command create = root.subcommand("create", "Create containers without starting them");
    add_up_flags(create, *options);
    create.positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] { return run_create(context, *options); });
}

} // namespace cli
