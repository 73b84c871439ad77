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

#include <algorithm>
#include <unistd.h>
#include <vector>

namespace cli {

namespace {

// What the supervisor's side knows of networks, as the builder asks for it.
class Network : public build::StepNetwork {
  public:
    explicit Network(const base::Paths &paths) : network_(paths) {}

    build::StepAddresses join(const std::string &id, int netns) override {
        auto [own, gateway] = network_.join(id, netns);
        return {std::move(own), std::move(gateway)};
    }

    void leave(const std::string &id) override { network_.leave(id); }

  private:
    supervisor::BuildNetwork network_;
};

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

bool is_same_build(const compose::Service &one, const compose::Service &other) {
    return one.image == other.image && one.platform == other.platform && *one.build == *other.build;
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
    std::vector<const compose::Service *> built;
    for (const compose::Service *service : in_order(project, services)) {
        const std::string id = "Image " + service->image;
        if (std::any_of(built.begin(), built.end(),
                        [&](const compose::Service *other) { return is_same_build(*service, *other); }))
            continue;
        built.push_back(service);
        if (!settings.quiet)
            progress.event({.id = id, .text = "Building"});
        build::BuildOptions options =
            build_options(project, *service, settings.flags, {context.paths(), InterruptGuard::fd()});
        options.no_cache = options.no_cache || settings.no_cache;
        options.pull = options.pull || settings.pull;
        options.memory = settings.memory;
        options.step_network = &network;
        options.cancel_fd = InterruptGuard::fd();
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

bool check_builds(const Context &context, const compose::Project &project,
                  const std::set<std::string> &services) {
    const InterruptGuard guard;
    bool clean = true;
    for (const compose::Service *service : in_order(project, services)) {
        const std::vector<base::Diagnostic> found =
            build::lint(build_options(project, *service, {}, {context.paths(), InterruptGuard::fd()}));
        for (const base::Diagnostic &each : found)
            clean = clean && each.severity != base::Severity::error;
        print(STDERR_FILENO, base::render(found, colours_on(STDERR_FILENO)));
        if (found.empty())
            print(STDOUT_FILENO, fmt::format("{}: no warnings\n", service->name));
    }
    return clean;
}

} // namespace cli
