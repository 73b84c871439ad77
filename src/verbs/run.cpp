#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "compose/plan/labels.hpp"
#include "terminal/terminal.hpp"
#include "verbs/attached_container.hpp"
#include "verbs/images_of_project.hpp"
#include "verbs/request.hpp"
#include "verbs/run_overrides.hpp"
#include "verbs/up_request.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t slug_digits = 12;

int run_one_off(const Context &context, const std::string &project, const std::string &id,
                const container::Spec &spec) {
    AttachedContainer attached(context, project, id, {.tty = spec.process.tty});
    const auto quiet = make_progress(ProgressMode::quiet, "");
    request(context, project, supervisor::api_start, base::Json{{"ids", {id}}, {"no_gates", true}}, *quiet);
    if (spec.process.stdin_open || spec.process.tty)
        attached.take_input(true);
    return attached.run();
}

container::Spec one_off_spec(const Context &context, const compose::Project &project,
                             const compose::Service &service, const RunOptions &options,
                             const std::string &slug) {
    container::Spec spec = plan::make_spec(project, service, context.paths(),
                                           image_info(image::Store(context.paths()), service));
    spec.one_off = true;
    spec.labels[plan::label_one_off] = "True";
    spec.labels[plan::label_slug] = slug;
    if (options.remove)
        spec.annotations[plan::annotation_auto_remove] = "true";
    if (!options.use_aliases)
        for (container::Endpoint &endpoint : spec.endpoints)
            endpoint.aliases.clear();
    return spec;
}

void choose_terminal(compose::Service &service, const RunOptions &options) {
    const bool terminal = is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
    if (options.tty && !is_terminal(STDIN_FILENO) && !options.detach)
        throw base::Error("the input device is not a TTY", "drop -t, or run it on a terminal");
    service.tty = !options.no_tty && (terminal || options.tty);
    service.stdin_open = options.interactive && !options.detach;
}

int run_run(const Context &context, const RunOptions &options) {
    if (options.service_ports && !options.publish.empty())
        throw base::Error("--service-ports and --publish are incompatible", "drop one of them");
    const compose::Loaded loaded = context.load({options.service});
    require_services(loaded.project, {options.service});
    const compose::Project project =
        reduced(loaded.project, with_dependencies(loaded.project, {options.service}, !options.no_deps));
    compose::Service service = overridden(project.services.at(options.service), options, context, project);
    choose_terminal(service, options);

    const auto progress =
        options.quiet ? make_progress(ProgressMode::quiet, "") : context.progress("Running");
    UpFlags flags;
    flags.no_deps = options.no_deps;
    flags.pull = options.pull;
    flags.build = options.build;
    flags.quiet_pull = options.quiet_pull;
    flags.remove_orphans = options.remove_orphans;
    const auto hold = image::Store(context.paths()).hold();
    base::Json body = up_body(context, project, flags, *progress);
    const std::string slug = base::random_hex(slug_digits);
    const container::Spec spec = one_off_spec(context, project, service, options, slug);
    body["run_service"] = options.service;
    body["run"] = plan::spec_with_files(spec);
    body["name"] = options.name.empty() ? fmt::format("{}-{}-run-{}", project.name, options.service, slug)
                                        : options.name;
    std::string id;
    {
        const InterruptGuard guard;
        request(context, project.name, supervisor::api_run, body, *progress,
                [&](const supervisor::Answer &event) {
                    if (event.action == "create")
                        id = event.id;
                });
    }
    try {
        if (!options.detach)
            return run_one_off(context, project.name, id, spec);
        const auto quiet = make_progress(ProgressMode::quiet, "");
        request(context, project.name, supervisor::api_start, base::Json{{"ids", {id}}, {"no_gates", true}},
                *quiet);
        print(STDOUT_FILENO, id + "\n");
        return 0;
    } catch (const base::Error &) {
        // A container that never ran is of no use to anybody.
        const auto quiet = make_progress(ProgressMode::quiet, "");
        request(context, project.name, supervisor::api_remove,
                base::Json{{"ids", {id}}, {"anonymous_volumes", true}, {"one_offs", true}}, *quiet);
        throw;
    }
}

} // namespace

void add_run(Command &root, Context &context) {
    auto options = std::make_shared<RunOptions>();
    Command run = root.subcommand("run", "Run a command in a new container of a service");
    run.flag("-d,--detach", options->detach, "In the background; print the container's id")
        .flag("--rm", options->remove, "Remove the container when it ends")
        .flag("--no-deps", options->no_deps, "Do not start what the service depends on")
        .list("-e,--env", options->env, "Variable: NAME=VALUE, or NAME to pass it on if it is set",
              "NAME[=VALUE]")
        .list("--env-from-file", options->env_files, "Variables from a file", "FILE")
        .option("--entrypoint", options->entrypoint, "Instead of the service's entrypoint", "COMMAND")
        .list("-l,--label", options->labels, "Label", "KEY=VALUE")
        .option("--name", options->name, "Name of the container", "NAME")
        .list("-p,--publish", options->publish, "Publish a port", "[HOST:]PORT")
        .flag("-P,--service-ports", options->service_ports, "Publish the service's ports")
        .flag("--use-aliases", options->use_aliases, "Answer to the service's names in its networks")
        .option("--pull", options->pull, "Pull policy: always, missing or never", "POLICY")
        .flag("--quiet-pull", options->quiet_pull, "No progress of image layers")
        .flag("-q,--quiet", options->quiet, "No progress")
        .flag("--build", options->build, "Build the image first")
        .flag("--remove-orphans", options->remove_orphans,
              "Remove containers of services the file does not have")
        .flag("-T,--no-tty", options->no_tty, "No terminal, even when there is one here")
        .flag("-t,--tty", options->tty, "Insist on a terminal")
        .flag("-i,--interactive", options->interactive, "Keep standard input open (always so)")
        .list("--cap-add", options->cap_add, "Add a capability", "CAPABILITY")
        .list("--cap-drop", options->cap_drop, "Drop a capability", "CAPABILITY")
        .option("-u,--user", options->user, "Run as this user", "USER[:GROUP]")
        .list("-v,--volume,--volumes", options->volumes, "Mount: SOURCE:TARGET[:ro]", "MOUNT")
        .option("-w,--workdir", options->workdir, "Working directory", "DIR")
        .positional("SERVICE", options->service, "The service")
        .positionals("COMMAND", options->command, "The command and its arguments")
        .stop_at_first_positional()
        .hide("--interactive");
    run.action([&context, options] { return run_run(context, *options); });
}

} // namespace cli
