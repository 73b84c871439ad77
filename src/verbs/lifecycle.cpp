// start, stop, restart, kill, pause, unpause, rm: verbs on containers that exist.
#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/container/spec.hpp"
#include "terminal/terminal.hpp"
#include "verbs/environment_defaults.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <csignal>
#include <functional>
#include <iostream>
#include <unistd.h>

namespace cli {

namespace {

using supervisor::ContainerInfo;

struct LifecycleOptions {
    std::vector<std::string> services;
    std::optional<int> timeout;
    std::optional<int> wait_timeout;
    std::string signal = "SIGKILL";
    bool no_deps = false;
    bool remove_orphans = false;
    bool wait = false;
    bool force = false;
    bool stop = false;
    bool volumes = false;
    bool all = false;
};

struct Scope {
    Context::Named named;
    std::vector<ContainerInfo> containers; // of the project
    base::Json body;
};

// The services meant: those named, else those of the model, so that orphans are left alone.
Scope scope_of(const Context &context, const LifecycleOptions &options) {
    Scope scope{context.load_or_name(options.services), {}, base::Json::object()};
    scope.containers = supervisor::read_containers(context.paths(), scope.named.project);
    require_known(scope.named, scope.containers, options.services);
    std::set<std::string> services(options.services.begin(), options.services.end());
    if (services.empty() && scope.named.loaded && !options.remove_orphans) {
        for (const auto &[name, service] : scope.named.loaded->project.services)
            services.insert(name);
        if (services.empty())
            services.insert("");
    }
    scope.body["services"] = services;
    if (options.timeout)
        scope.body["timeout"] = *options.timeout;
    return scope;
}

bool nothing_exists(const Scope &scope, const std::vector<std::string> &services) {
    return containers_of(scope.containers, services, false).empty();
}

bool is_running(const ContainerInfo &info) {
    return info.state.pid != 0;
}

// What a dry run shows of an operation on containers, as the plans of up and down do.
int show_plan(const std::vector<ContainerInfo> &containers, std::string_view operation) {
    int number = 0;
    for (const ContainerInfo &info : containers)
        print(STDERR_FILENO, fmt::format("{} {} container {}\n", ++number, operation, info.spec.name));
    return 0;
}

// The containers the request would be for.
template <typename Predicate>
std::vector<ContainerInfo> meant(const Scope &scope, const Predicate &wanted) {
    auto found =
        containers_of(scope.containers, scope.body["services"].get<std::vector<std::string>>(), false);
    std::erase_if(found, [&](const ContainerInfo &info) { return !wanted(info); });
    return found;
}

struct Simple {
    const char *path;
    const char *title;
    const char *operation;
    bool (*applies)(const ContainerInfo &info);
};

constexpr Simple stopping{supervisor::api_stop, "Stopping", "stop", [](const ContainerInfo &info) {
                              return is_running(info) || info.state.status == plan::Status::restarting;
                          }};
constexpr Simple pausing{supervisor::api_pause, "Pausing", "pause", [](const ContainerInfo &info) {
                             return info.state.status == plan::Status::running;
                         }};
constexpr Simple unpausing{supervisor::api_unpause, "Unpausing", "unpause", [](const ContainerInfo &info) {
                               return info.state.status == plan::Status::paused;
                           }};

int run_simple(const Context &context, const LifecycleOptions &options, const Simple &verb) {
    Scope scope = scope_of(context, options);
    if (nothing_exists(scope, options.services))
        return 0;
    if (context.options.dry_run)
        return show_plan(meant(scope, verb.applies), verb.operation);
    const auto progress = context.progress(verb.title);
    request(context, scope.named.project, verb.path, scope.body, *progress);
    return 0;
}

int run_start(const Context &context, const LifecycleOptions &options) {
    Scope scope = scope_of(context, options);
    if (scope.named.loaded)
        for (const auto &[name, service] : scope.named.loaded->project.services) {
            const bool meant = options.services.empty()
                               || std::find(options.services.begin(), options.services.end(), name)
                                      != options.services.end();
            if (meant && service.replicas > 0 && containers_of(scope.containers, {name}, false).empty())
                throw base::Error(fmt::format("service \"{}\" has no container to start", name),
                                  fmt::format("create it with: compose up -d {}", name));
        }
    if (nothing_exists(scope, options.services))
        return 0;
    if (context.options.dry_run)
        return show_plan(meant(scope, std::not_fn(is_running)), "start");
    scope.body["wait"] = options.wait;
    if (options.wait_timeout)
        scope.body["wait_timeout"] = *options.wait_timeout;
    const auto progress = context.progress("Running");
    request(context, scope.named.project, supervisor::api_start, scope.body, *progress);
    return 0;
}

int run_restart(const Context &context, const LifecycleOptions &options) {
    Scope scope = scope_of(context, options);
    scope.body["with_dependents"] = !options.no_deps;
    if (nothing_exists(scope, options.services))
        throw base::Error(fmt::format("project {} has no container to restart", scope.named.project),
                          "create them with: compose up -d");
    if (context.options.dry_run)
        return show_plan(meant(scope, [](const ContainerInfo &) { return true; }), "restart");
    const auto progress = context.progress("Restarting");
    request(context, scope.named.project, supervisor::api_restart, scope.body, *progress);
    return 0;
}

int run_kill(const Context &context, const LifecycleOptions &options) {
    Scope scope = scope_of(context, options);
    scope.body["signal"] = container::parse_signal(options.signal);
    const auto running = containers_of(scope.containers, options.services, false);
    if (std::none_of(running.begin(), running.end(), is_running)) {
        print(STDERR_FILENO, "no container to kill\n");
        return 0;
    }
    if (context.options.dry_run)
        return show_plan(meant(scope, is_running), "kill");
    const auto progress = context.progress("Killing");
    request(context, scope.named.project, supervisor::api_kill, scope.body, *progress);
    return 0;
}

bool confirmed(const std::vector<ContainerInfo> &containers) {
    std::string names;
    for (const ContainerInfo &info : containers)
        names += (names.empty() ? "" : ", ") + info.spec.name;
    print(STDERR_FILENO, fmt::format("? Going to remove {} [yN] ", names));
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

int run_rm(const Context &context, const LifecycleOptions &options) {
    Scope scope = scope_of(context, options);
    auto doomed = containers_of(scope.containers, options.services, true);
    // One-offs that have ended go too, as the documentation of Docker Compose says; one that runs is
    // somebody's.
    std::erase_if(doomed, [&](const ContainerInfo &info) {
        const bool active = is_running(info) || info.state.status == plan::Status::restarting;
        return active && (!options.stop || info.spec.one_off);
    });
    if (doomed.empty()) {
        print(STDERR_FILENO, "No stopped containers\n");
        return 0;
    }
    if (context.options.dry_run)
        return show_plan(doomed, "remove");
    if (!options.force && !confirmed(doomed))
        return 0;
    for (const ContainerInfo &info : doomed)
        scope.body["ids"].push_back(info.spec.id);
    scope.body["stop"] = options.stop;
    scope.body["anonymous_volumes"] = options.volumes;
    const auto progress = context.progress("Removing");
    request(context, scope.named.project, supervisor::api_remove, scope.body, *progress);
    return 0;
}

} // namespace

void add_start(Command &root, Context &context) {
    auto options = std::make_shared<LifecycleOptions>();
    root.subcommand("start", "Start containers that exist, with their dependencies")
        .flag("--wait", options->wait, "Return when services are running or healthy")
        .option("--wait-timeout", options->wait_timeout, "Give up waiting after this time", "SECONDS")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] { return run_start(context, *options); });
}

void add_stop(Command &root, Context &context) {
    auto options = std::make_shared<LifecycleOptions>();
    root.subcommand("stop", "Stop containers without removing them")
        .option("-t,--timeout", options->timeout, "Seconds to wait before killing", "SECONDS")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] { return run_simple(context, *options, stopping); });
}

void add_restart(Command &root, Context &context) {
    auto options = std::make_shared<LifecycleOptions>();
    root.subcommand("restart", "Restart containers; changes of the file are not applied")
        .option("-t,--timeout", options->timeout, "Seconds to wait before killing", "SECONDS")
        .flag("--no-deps", options->no_deps, "Leave dependents with restart: true alone")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] { return run_restart(context, *options); });
}

void add_kill(Command &root, Context &context) {
    auto options = std::make_shared<LifecycleOptions>();
    root.subcommand("kill", "Send a signal to running containers")
        .option("-s,--signal", options->signal, "Name or number; SIGKILL when not given", "SIGNAL")
        .flag("--remove-orphans", options->remove_orphans,
              "Also containers of services the file does not have")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] {
            if (is_truthy(context.environment(), "COMPOSE_REMOVE_ORPHANS"))
                options->remove_orphans = true;
            return run_kill(context, *options);
        });
}

void add_pause(Command &root, Context &context) {
    auto pause = std::make_shared<LifecycleOptions>();
    root.subcommand("pause", "Freeze all processes of containers")
        .positionals("SERVICE", pause->services, "Services; all when none is named")
        .action([&context, pause] { return run_simple(context, *pause, pausing); });
    auto unpause = std::make_shared<LifecycleOptions>();
    root.subcommand("unpause", "Let frozen containers go on")
        .positionals("SERVICE", unpause->services, "Services; all when none is named")
        .action([&context, unpause] { return run_simple(context, *unpause, unpausing); });
}

void add_rm(Command &root, Context &context) {
    auto options = std::make_shared<LifecycleOptions>();
    Command rm = root.subcommand("rm", "Remove stopped containers");
    rm.flag("-f,--force", options->force, "Do not ask")
        .flag("-s,--stop", options->stop, "Stop the containers first")
        .flag("-v,--volumes", options->volumes, "Remove anonymous volumes too")
        .flag("-a,--all", options->all, "No effect, kept for scripts")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .hide("--all");
    rm.action([&context, options] { return run_rm(context, *options); });
}

} // namespace cli
