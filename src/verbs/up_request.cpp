#include "verbs/up_request.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"
#include "engine/image/store.hpp"
#include "supervisor/observer.hpp"
#include "supervisor/request_options.hpp"
#include "verbs/build_images.hpp"
#include "verbs/cdi_check.hpp"
#include "verbs/environment_defaults.hpp"
#include "verbs/request.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace cli {

namespace {

base::Json policy_body(const compose::Project &project, const UpFlags &flags) {
    base::Json body;
    body["services"] = flags.services;
    body["no_deps"] = flags.no_deps;
    body["recreate"] = flags.force_recreate ? "always" : flags.no_recreate ? "never" : "diverged";
    body["recreate_dependencies"] = flags.always_recreate_deps ? "always"
                                    : flags.no_recreate        ? "never"
                                                               : "diverged";
    if (flags.renew_anon_volumes)
        body["recreate"] = "always";
    body["renew_volumes"] = flags.renew_anon_volumes;
    body["no_start"] = flags.no_start;
    const bool ignore = is_truthy(project.environment, "COMPOSE_IGNORE_ORPHANS");
    const bool remove = flags.remove_orphans || is_truthy(project.environment, "COMPOSE_REMOVE_ORPHANS");
    if (ignore && flags.remove_orphans)
        throw base::Error("cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans", "drop one of them");
    body["ignore_orphans"] = ignore;
    body["remove_orphans"] = remove;
    body["recreate_volumes"] = flags.yes;
    body["scale"] = parse_scale(flags.scale);
    if (flags.timeout)
        body["timeout"] = *flags.timeout;
    body["wait"] = flags.wait;
    if (flags.wait_timeout)
        body["wait_timeout"] = *flags.wait_timeout;
    return body;
}

void check_scale(const compose::Project &project, const UpFlags &flags) {
    for (const auto &[name, number] : parse_scale(flags.scale)) {
        const auto found = project.services.find(name);
        if (found == project.services.end())
            throw base::Error("no such service: " + name);
        if (number > 1 && !found->second.container_name.empty())
            throw base::Error(
                fmt::format("service {} can't be scaled: its container_name \"{}\" must be unique", name,
                            found->second.container_name),
                "remove container_name");
    }
}

// By a build where it is asked for, or where no registry has it.
void get_images(const Context &context, const compose::Project &project,
                const std::set<std::string> &services, const UpFlags &flags, Progress &progress) {
    std::set<std::string> pulled;
    std::set<std::string> buildable;
    for (const std::string &name : services)
        (project.services.at(name).build ? buildable : pulled).insert(name);
    PullSettings settings;
    settings.policy = flags.pull;
    settings.quiet = flags.quiet_pull;
    settings.parallel = context.options.parallel.value_or(settings.parallel);
    (void)pull_images(context, project, pulled, settings, progress);
    if (!flags.build) {
        settings.ignore_failures = !flags.no_build;
        settings.patient = flags.no_build;
        (void)pull_images(context, project, buildable, settings, progress);
    }
    const image::Store store(context.paths());
    std::set<std::string> built;
    for (const std::string &name : buildable) {
        const compose::Service &service = project.services.at(name);
        if (flags.build || service.pull_policy == "build" || !find_image(store, service))
            built.insert(name);
    }
    if (flags.no_build || built.empty())
        return;
    BuildSettings build;
    build.quiet = flags.quiet_build;
    build_images(context, project, built, build, progress);
}

} // namespace

void add_up_flags(Command &command, UpFlags &flags) {
    command.flag("--force-recreate", flags.force_recreate, "Recreate containers even if nothing has changed")
        .flag("--no-recreate", flags.no_recreate, "Keep containers even if their configuration has changed")
        .excludes("--no-recreate", "--force-recreate")
        .flag("--build", flags.build, "Build images before starting")
        .flag("--no-build", flags.no_build, "Never build an image")
        .flag("--quiet-build", flags.quiet_build, "No progress of builds")
        .option("--pull", flags.pull, "Pull policy for all services: always, missing or never", "POLICY")
        .flag("--quiet-pull", flags.quiet_pull, "No progress of image layers")
        .flag("--remove-orphans", flags.remove_orphans,
              "Remove containers of services the file does not have")
        .list("--scale", flags.scale, "Number of containers of a service, instead of the file's", "SERVICE=N")
        .flag("-y,--yes", flags.yes, "Answer yes to every question");
}

void check_flags(const UpFlags &flags) {
    if (flags.build && flags.no_build)
        throw base::Error("--build and --no-build are incompatible", "drop one of them");
    if (!flags.pull.empty() && flags.pull != "always" && flags.pull != "missing" && flags.pull != "never"
        && flags.pull != "if_not_present")
        throw base::Error(fmt::format("invalid --pull value \"{}\"", flags.pull),
                          "use always, missing or never");
    if (flags.wait_timeout && *flags.wait_timeout < 0)
        throw base::Error("--wait-timeout must not be negative");
}

compose::Project reduced(compose::Project project, const std::set<std::string> &services) {
    for (auto service = project.services.begin(); service != project.services.end();) {
        if (services.contains(service->first)) {
            ++service;
            continue;
        }
        project.disabled_services.insert(*service);
        service = project.services.erase(service);
    }
    return project;
}

base::Json up_body(const Context &context, const compose::Project &project, const UpFlags &flags,
                   Progress &progress) {
    check_scale(project, flags);
    check_cdi_devices(project);
    base::Json body = policy_body(project, flags);
    std::set<std::string> services;
    for (const auto &[name, service] : project.services)
        services.insert(name);
    get_images(context, project, services, flags, progress);
    const image::Store store(context.paths());
    const auto blueprint =
        plan::make_blueprint(project, context.paths(), context.options.old_names ? "_" : "-",
                             [&](const compose::Service &service) { return image_info(store, service); });
    body["blueprint"] = plan::to_json(blueprint);
    return body;
}

void up_detached(const Context &context, const compose::Project &project, const UpFlags &flags,
                 Progress &progress) {
    const auto hold = image::Store(context.paths()).hold();
    const base::Json body = up_body(context, project, flags, progress);
    const InterruptGuard guard;
    try {
        request(context, project.name, supervisor::api_up, body, progress);
    } catch (const base::Error &error) {
        // 125-127 are the codes of `run`; here every failure but an interruption is 1.
        throw base::Error(error.what(), error.hint(), error.exit_code() == 130 ? 130 : 1);
    }
}

std::string dry_run(const Context &context, const compose::Project &project, const UpFlags &flags) {
    check_scale(project, flags);
    check_cdi_devices(project);
    const image::Store store(context.paths());
    std::string text;
    const auto blueprint =
        plan::make_blueprint(project, context.paths(), context.options.old_names ? "_" : "-",
                             [&](const compose::Service &service) {
                                 if (!service.image.empty() && find_image(store, service))
                                     return image_info(store, service);
                                 text += fmt::format("{} image {} (is not in the store)\n",
                                                     service.build ? "build" : "pull", service.image);
                                 return plan::ImageInfo{.id = "sha256:dry-run", .command = {"dry-run"}};
                             });
    const plan::Plan plan =
        plan::plan_up(blueprint.desired, supervisor::observe(context.paths(), project.name),
                      supervisor::up_policy(policy_body(project, flags)));
    text += plan::to_string(plan);
    for (const std::string &name : plan.unchanged)
        text += fmt::format("keep container {}\n", name);
    std::string prefixed;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = text.find('\n', start);
        prefixed += "DRY-RUN MODE - " + text.substr(start, end - start) + "\n";
        start = end + 1;
    }
    return prefixed;
}

} // namespace cli
