#include "verbs/build_images.hpp"

#include "base/error.hpp"
#include "engine/build/builder.hpp"
#include "engine/image/pull.hpp"
#include "supervisor/build_network.hpp"
#include "terminal/terminal.hpp"
#include "verbs/build_progress.hpp"
#include "verbs/build_request.hpp"
#include "verbs/request.hpp"

#include <fmt/format.h>

#include <unistd.h>
#include <vector>

namespace cli {

namespace {

// What the supervisor's side knows of networks, as the builder asks for it.
class Network : public build::StepNetwork {
  public:
    explicit Network(const base::Paths &paths) : network_(paths) {}

    std::string join(const std::string &id, int netns) override { return network_.join(id, netns); }

    void leave(const std::string &id) override { network_.leave(id); }

  private:
    supervisor::BuildNetwork network_;
};

const compose::Service *find_service(const compose::Project &project, const std::string &name) {
    for (const auto *services : {&project.services, &project.disabled_services})
        if (const auto found = services->find(name); found != services->end())
            return &found->second;
    return nullptr;
}

// The services to build, those whose images others begin with first.
class Order {
  public:
    explicit Order(const compose::Project &project) : project_(project) {}

    void add(const std::string &name) {
        const compose::Service *service = find_service(project_, name);
        if (service == nullptr || !service->build || !seen_.insert(name).second)
            return;
        for (const auto &[context, value] : service->build->additional_contexts)
            add(service_of_context(value));
        services.push_back(service);
    }

    std::vector<const compose::Service *> services;

  private:
    const compose::Project &project_;
    std::set<std::string> seen_;
};

std::vector<const compose::Service *> in_order(const compose::Project &project,
                                               const std::set<std::string> &services) {
    Order order(project);
    for (const std::string &name : services)
        order.add(name);
    return order.services;
}

// Two services with equal keys get the same image from one build.
std::string key_of(const compose::Service &service) {
    const compose::Build &build = *service.build;
    std::string key = service.image + '\0' + build.context + '\0' + build.dockerfile + '\0'
                      + build.dockerfile_inline.value_or("") + '\0' + build.target + '\0' + build.network;
    for (const auto *pairs : {&build.args, &build.labels, &build.additional_contexts})
        for (const auto &[name, value] : *pairs)
            key += '\0' + name + '=' + value;
    for (const auto *words : {&build.tags, &build.platforms, &build.entitlements, &build.no_cache_filter})
        for (const std::string &word : *words)
            key += '\0' + word;
    for (const compose::BuildSecret &secret : build.secrets)
        key += '\0' + secret.source + '=' + secret.id;
    for (const auto &[name, address] : build.extra_hosts)
        key += '\0' + name + '=' + address;
    for (const auto &[name, limit] : build.ulimits)
        key += fmt::format("\n{}={}:{}", name, limit.soft, limit.hard);
    key += fmt::format("\n{} {} {} {}", service.platform, build.privileged, build.no_cache, build.pull);
    return key;
}

BuildProgress::Mode mode_of(const Context &context, const BuildSettings &settings) {
    if (settings.quiet || context.progress_mode() == ProgressMode::quiet)
        return BuildProgress::Mode::quiet;
    return context.progress_mode() == ProgressMode::json ? BuildProgress::Mode::json
                                                         : BuildProgress::Mode::lines;
}

void build_one(image::Store &store, build::BuildOptions options, BuildProgress &shown) {
    options.on_event = [&](const build::BuildEvent &event) { shown.event(event); };
    try {
        static_cast<void>(build::build(store, options));
    } catch (const image::Cancelled &) {
        throw;
    } catch (const base::Error &) {
        shown.show_failure();
        throw;
    }
}

} // namespace

void build_images(const Context &context, const compose::Project &project,
                  const std::set<std::string> &services, const BuildSettings &settings, Progress &progress) {
    image::Store store(context.paths());
    Network network(context.paths());
    const InterruptGuard guard;
    std::set<std::string> built;
    for (const compose::Service *service : in_order(project, services)) {
        const std::string id = "Image " + service->image;
        if (!built.insert(key_of(*service)).second)
            continue;
        build::BuildOptions options = build_options(project, *service, settings.args);
        options.no_cache = options.no_cache || settings.no_cache;
        options.pull = options.pull || settings.pull;
        options.step_network = &network;
        options.cancel_fd = InterruptGuard::fd();
        if (!settings.quiet)
            progress.event({.id = id, .text = "Building"});
        BuildProgress shown(progress, service->name, mode_of(context, settings));
        try {
            build_one(store, std::move(options), shown);
        } catch (const base::Error &) {
            if (!settings.quiet)
                progress.event({.id = id, .state = ProgressState::error, .text = "Error"});
            progress.finish();
            throw;
        }
        if (!settings.quiet)
            progress.event({.id = id, .state = ProgressState::done, .text = "Built"});
    }
    progress.finish();
}

bool check_builds(const compose::Project &project, const std::set<std::string> &services) {
    bool clean = true;
    for (const compose::Service *service : in_order(project, services)) {
        const std::vector<base::Diagnostic> found = build::lint(build_options(project, *service, {}));
        for (const base::Diagnostic &each : found)
            clean = clean && each.severity != base::Severity::error;
        print(STDERR_FILENO, base::render(found, colours_on(STDERR_FILENO)));
        if (found.empty())
            print(STDOUT_FILENO, fmt::format("{}: no warnings\n", service->name));
    }
    return clean;
}

} // namespace cli
