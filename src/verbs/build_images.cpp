#include "verbs/build_images.hpp"

#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/task_graph.hpp"
#include "engine/build/builder.hpp"
#include "engine/image/pull.hpp"
#include "supervisor/build_network.hpp"
#include "terminal/terminal.hpp"
#include "verbs/build_progress.hpp"
#include "verbs/build_request.hpp"
#include "verbs/request.hpp"

#include <fmt/format.h>

#include <sys/epoll.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <unistd.h>
#include <vector>

namespace cli {

namespace {

// What the supervisor's side knows of networks, as the builder asks for it.
class Network : public build::StepNetwork {
  public:
    explicit Network(const base::Paths &paths) : network_(paths) {}

    build::StepAddresses join(const std::string &id, int netns, const std::string &network) override {
        auto [own, gateway] = network_.join(id, netns, network);
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

BuildDisplay::Mode mode_of(const Context &context, const BuildSettings &settings) {
    if (settings.quiet || context.progress_mode() == ProgressMode::quiet)
        return BuildDisplay::Mode::quiet;
    return context.progress_mode() == ProgressMode::json ? BuildDisplay::Mode::json
                                                         : BuildDisplay::Mode::lines;
}

// Ends all builds: when the user asks for it, and when one of them fails.
class Stop {
  public:
    explicit Stop(int user_fd)
        : event_(base::make_eventfd()),
          either_(base::check(::epoll_create1(EPOLL_CLOEXEC), "create", "an epoll instance")) {
        for (const int fd : {user_fd, event_.get()}) {
            epoll_event event{.events = EPOLLIN, .data = {}};
            base::check(::epoll_ctl(either_.get(), EPOLL_CTL_ADD, fd, &event), "watch", "a descriptor");
        }
    }

    void now() {
        const std::uint64_t one = 1;
        static_cast<void>(::write(event_.get(), &one, sizeof one));
    }

    // Readable once they are to end.
    [[nodiscard]] int fd() const { return either_.get(); }

  private:
    base::UniqueFd event_;
    base::UniqueFd either_;
};

class Builds {
  public:
    Builds(const Context &context, const compose::Project &project, const BuildSettings &settings,
           Progress &progress)
        : context_(context), project_(project), settings_(settings), network_(context.paths()),
          display_(progress, mode_of(context, settings)), stop_(InterruptGuard::fd()) {}

    // Each build once, at the same time but for those that begin with the image of another.
    void run(const std::vector<const compose::Service *> &services) {
        std::vector<base::Task> tasks;
        std::map<std::string, std::size_t> task_of;
        std::vector<const compose::Service *> built;
        for (const compose::Service *service : services) {
            const auto same = std::find_if(built.begin(), built.end(), [&](const compose::Service *other) {
                return is_same_build(*service, *other);
            });
            task_of[service->name] = static_cast<std::size_t>(same - built.begin());
            if (same != built.end())
                continue;
            built.push_back(service);
            base::Task task{{}, [this, service] { build(*service); }};
            for (const auto &[context, value] : service->build->additional_contexts)
                if (const auto needed = task_of.find(service_of_context(value)); needed != task_of.end())
                    task.after.push_back(needed->second);
            tasks.push_back(std::move(task));
        }
        const int limit = context_.options.parallel.value_or(-1);
        base::run_tasks(tasks, limit > 0 ? static_cast<std::size_t>(limit) : 0, [this] { stop_.now(); });
    }

    // What the step printed at which the first build failed.
    void show_failure() {
        if (failed_)
            failed_->show_failure();
    }

  private:
    void build(const compose::Service &service) {
        display_.image(service.image, ProgressState::working, "Building");
        auto shown = std::make_unique<BuildProgress>(display_, service.name);
        try {
            build::BuildOptions options =
                build_options(project_, service, settings_.flags, {context_.paths(), stop_.fd()});
            options.no_cache = options.no_cache || settings_.no_cache;
            options.pull = options.pull || settings_.pull;
            options.memory = settings_.memory;
            options.step_network = &network_;
            options.cancel_fd = stop_.fd();
            options.on_event = [&](const build::BuildEvent &event) { shown->event(event); };
            image::Store store(context_.paths());
            static_cast<void>(build::build(store, options));
        } catch (const image::Cancelled &) {
            display_.image(service.image, ProgressState::warning, "Cancelled");
            throw;
        } catch (const base::Error &) {
            display_.image(service.image, ProgressState::error, "Error");
            const std::lock_guard lock(mutex_);
            if (!failed_)
                failed_ = std::move(shown);
            throw;
        }
        display_.image(service.image, ProgressState::done, "Built");
    }

    const Context &context_;
    const compose::Project &project_;
    const BuildSettings &settings_;
    Network network_;
    BuildDisplay display_;
    Stop stop_;
    std::mutex mutex_;
    std::unique_ptr<BuildProgress> failed_;
};

} // namespace

void build_images(const Context &context, const compose::Project &project,
                  const std::set<std::string> &services, const BuildSettings &settings, Progress &progress) {
    const InterruptGuard guard;
    Builds builds(context, project, settings, progress);
    try {
        builds.run(in_order(project, services));
    } catch (const base::Error &) {
        builds.show_failure();
        progress.finish();
        throw;
    }
    progress.finish();
}

bool check_builds(const Context &context, const compose::Project &project,
                  const std::set<std::string> &services) {
    const InterruptGuard guard;
    image::Store store(context.paths());
    bool clean = true;
    for (const compose::Service *service : in_order(project, services)) {
        const std::vector<base::Diagnostic> found =
            build::lint(store, build_options(project, *service, {}, {context.paths(), InterruptGuard::fd()}));
        for (const base::Diagnostic &each : found)
            clean = clean && each.severity != base::Severity::error;
        print(STDERR_FILENO, base::render(found, colours_on(STDERR_FILENO)));
        if (found.empty())
            print(STDOUT_FILENO, fmt::format("{}: no warnings\n", service->name));
    }
    return clean;
}

} // namespace cli
