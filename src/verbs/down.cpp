#include "verbs/down.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "compose/plan/labels.hpp"
#include "compose/plan/teardown.hpp"
#include "engine/image/store.hpp"
#include "supervisor/request_options.hpp"
#include "supervisor/volume_store.hpp"
#include "terminal/terminal.hpp"
#include "verbs/environment_defaults.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

bool of_project(const std::map<std::string, std::string> &labels, const std::string &project) {
    const auto found = labels.find(plan::label_project);
    return found != labels.end() && found->second == project;
}

// What the model declares; without a file, what carries the project's label.
std::set<std::string> networks_of(const Context &context, const Context::Named &named) {
    std::set<std::string> names;
    for (const auto &network : supervisor::observe(context.paths(), named.project).networks)
        if (network.ours)
            names.insert(network.name);
    return names;
}

std::set<std::string> volumes_of(const Context &context, const Context::Named &named) {
    std::set<std::string> names;
    for (const auto &volume : supervisor::read_volumes(context.paths()))
        if (!volume.anonymous && of_project(volume.labels, named.project))
            names.insert(volume.name);
    if (!named.loaded)
        return names;
    std::set<std::string> declared;
    for (const auto &[key, volume] : named.loaded->project.volumes)
        if (!volume.external)
            declared.insert(volume.name);
    std::erase_if(names, [&](const std::string &name) { return !declared.contains(name); });
    return names;
}

base::Json down_body(const Context &context, const Context::Named &named, const DownOptions &options) {
    base::Json body;
    body["services"] = options.services;
    body["remove_orphans"] =
        options.remove_orphans || is_truthy(context.environment(), "COMPOSE_REMOVE_ORPHANS");
    body["anonymous_volumes"] = options.volumes;
    body["networks"] = networks_of(context, named);
    if (options.volumes)
        body["volumes"] = volumes_of(context, named);
    if (options.timeout)
        body["timeout"] = *options.timeout;
    if (named.loaded) {
        std::set<std::string> known;
        for (const auto &[name, service] : named.loaded->project.services)
            known.insert(name);
        for (const auto &[name, service] : named.loaded->project.disabled_services)
            known.insert(name);
        body["known"] = known;
    }
    return body;
}

// --rmi all: every image of the services, of the file and of the containers. local: those without a name of
// their own, which only builds make.
void remove_images(const Context &context, const std::vector<supervisor::ContainerInfo> &containers,
                   const Context::Named &named, const std::string &rmi, Progress &progress) {
    std::set<std::string> names;
    const auto add = [&](const std::string &service, const std::string &image) {
        if (!image.empty() && (rmi == "all" || image == named.project + "-" + service))
            names.insert(image);
    };
    for (const auto &info : containers)
        add(info.spec.service, info.spec.image_name);
    if (named.loaded)
        for (const auto &[name, service] : named.loaded->project.services)
            add(name, service.image);
    image::Store store = collecting_store(context.paths());
    for (const std::string &name : names) {
        if (!store.find(name))
            continue;
        progress.event({.id = "Image " + name, .text = "Removing"});
        try {
            store.remove(name, images_in_use(context.paths()));
            progress.event({.id = "Image " + name, .state = ProgressState::done, .text = "Removed"});
        } catch (const base::Error &error) {
            progress.event({.id = "Image " + name, .state = ProgressState::warning, .text = error.what()});
        }
    }
    if (!names.empty())
        store.collect_garbage(images_in_use(context.paths()));
    progress.finish();
}

} // namespace

int run_down(const Context &context, const DownOptions &options) {
    if (!options.rmi.empty() && options.rmi != "all" && options.rmi != "local")
        throw base::Error(fmt::format("invalid value for --rmi: \"{}\"", options.rmi), "use all or local");
    const Context::Named named = context.load_or_name();
    const auto containers = supervisor::read_containers(context.paths(), named.project);
    require_known(named, containers, options.services);
    base::Json body = down_body(context, named, options);
    if (context.options.dry_run) {
        const auto plan = plan::plan_down(supervisor::observe(context.paths(), named.project),
                                          supervisor::down_policy(body));
        print(STDERR_FILENO, plan::to_string(plan));
        return 0;
    }
    const auto progress = context.progress("Running");
    const bool anything =
        !containers.empty() || !body["networks"].empty() || (options.volumes && !body["volumes"].empty());
    if (!anything)
        warn(fmt::format("No resource found to remove for project \"{}\".", named.project));
    else
        request(context, named.project, supervisor::api_down, body, *progress);
    if (!options.rmi.empty())
        remove_images(context, containers, named, options.rmi, *progress);
    return 0;
}

void add_down(Command &root, Context &context) {
    auto options = std::make_shared<DownOptions>();
    root.subcommand("down", "Stop and remove containers and networks")
        .flag("-v,--volumes", options->volumes, "Remove named volumes of the file and anonymous ones too")
        .option("-t,--timeout", options->timeout, "Seconds to wait for containers to stop", "SECONDS")
        .flag("--remove-orphans", options->remove_orphans,
              "Remove containers of services the file does not have")
        .option("--rmi", options->rmi, "Remove images too: all, or local (those without a name of their own)",
                "WHICH")
        .positionals("SERVICE", options->services,
                     "Services, with what depends on them; all when none is named")
        .action([&context, options] { return run_down(context, *options); });
}

} // namespace cli
