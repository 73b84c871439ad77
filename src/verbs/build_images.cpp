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
                                                         : BuildDisplay::Mode::shown;
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

// One image: a build for each of its platforms, and what they share.
struct ImageBuild {
    const compose::Service &service;
    std::vector<image::Platform> platforms;
    std::mutex mutex;
    std::optional<build::BuildOptions> options; // of no platform yet
    std::vector<build::Built> parts;            // where it is one image for several platforms

    bool has_list = false; // of what was built for each platform, and what is attested of it

    [[nodiscard]] std::string shown_platform(std::size_t part) const {
        return platforms.size() > 1 ? platforms[part].text() : "";
    }
};

class Builds {
  public:
    Builds(const Context &context, const compose::Project &project, const BuildSettings &settings,
           Progress &progress)
        : context_(context), project_(project), settings_(settings), network_(context.paths()),
          display_(progress, mode_of(context, settings)), stop_(InterruptGuard::fd()),
          store_(context.paths()), hold_(store_.hold()) {}

    // Each build once, at the same time but for those that begin with the image of another.
    void run(const std::vector<const compose::Service *> &services) {
        std::vector<base::Task> tasks;
        std::map<std::string, std::size_t> last_task_of; // by service
        for (const compose::Service *service : services) {
            const auto same = std::find_if(images_.begin(), images_.end(), [&](const auto &other) {
                return is_same_build(*service, other->service);
            });
            if (same != images_.end()) {
                last_task_of[service->name] = last_task_of.at((*same)->service.name);
                continue;
            }
            std::vector<std::size_t> after;
            for (const auto &[context, value] : service->build->additional_contexts)
                if (const auto needed = last_task_of.find(service_of_context(value));
                    needed != last_task_of.end())
                    after.push_back(needed->second);
            add_tasks(tasks, *service, after);
            last_task_of[service->name] = tasks.size() - 1;
        }
        const int limit = context_.options.parallel.value_or(-1);
        base::run_tasks(tasks, limit > 0 ? static_cast<std::size_t>(limit) : 0, [this] { stop_.now(); });
    }

    // Leaves the last picture; below it what the step printed at which the first build failed.
    void finish() {
        display_.finish();
        if (failed_)
            failed_->show_failure();
    }

  private:
    void add_tasks(std::vector<base::Task> &tasks, const compose::Service &service,
                   const std::vector<std::size_t> &after) {
        ImageBuild &image = *images_.emplace_back(
            std::make_unique<ImageBuild>(service, build_platforms(service, settings_.all_platforms)));
        image.has_list = image.platforms.size() > 1 || wanted_provenance(service, settings_.flags)
                         || wanted_sbom(service, settings_.flags);
        image.parts.resize(image.platforms.size());
        std::vector<std::size_t> parts;
        for (std::size_t i = 0; i < image.platforms.size(); ++i) {
            parts.push_back(tasks.size());
            tasks.push_back({after, [this, &image, i] { build(image, i); }});
        }
        if (image.has_list)
            tasks.push_back({parts, [this, &image] { publish(image); }});
    }

    void build(ImageBuild &image, std::size_t part) {
        display_.image(image.service.image, ProgressState::working, "Building");
        shown(image, image.shown_platform(part), [&](BuildProgress &progress) {
            build::BuildOptions options = prepared(image);
            options.request.target_platform = image.platforms[part];
            options.on_event = [&](const build::BuildEvent &event) { progress.event(event); };
            if (image.has_list)
                image.parts[part] = build::build_part(store_, options);
            else
                static_cast<void>(build::build(store_, options));
        });
        if (!image.has_list)
            display_.image(image.service.image, ProgressState::done, "Built");
    }

    void publish(ImageBuild &image) {
        shown(image, "", [&](BuildProgress &progress) {
            build::BuildOptions options = prepared(image);
            options.on_event = [&](const build::BuildEvent &event) { progress.event(event); };
            static_cast<void>(build::publish(store_, image.parts, options));
        });
        display_.image(image.service.image, ProgressState::done, "Built");
    }

    // Does the work, and shows how it fails.
    void shown(const ImageBuild &image, const std::string &platform,
               const std::function<void(BuildProgress &)> &work) {
        const compose::Service &service = image.service;
        auto progress = std::make_unique<BuildProgress>(display_, service.image, service.name, platform);
        try {
            work(*progress);
        } catch (const image::Cancelled &) {
            display_.image(service.image, ProgressState::warning, "Cancelled");
            throw;
        } catch (const base::Error &) {
            display_.image(service.image, ProgressState::error, "Error");
            const std::lock_guard lock(mutex_);
            if (!failed_)
                failed_ = std::move(progress);
            throw;
        }
    }

    // The first platform fetches the contexts for all.
    build::BuildOptions prepared(ImageBuild &image) {
        const std::lock_guard lock(image.mutex);
        if (image.options)
            return *image.options;
        build::BuildOptions options =
            build_options(project_, image.service, settings_.flags, {context_.paths(), stop_.fd()});
        options.no_cache = options.no_cache || settings_.no_cache;
        options.pull = options.pull || settings_.pull;
        options.memory = settings_.memory;
        options.step_network = &network_;
        options.cancel_fd = stop_.fd();
        image.options = options;
        return options;
    }

    const Context &context_;
    const compose::Project &project_;
    const BuildSettings &settings_;
    Network network_;
    BuildDisplay display_;
    Stop stop_;
    image::Store store_;
    base::FileLock hold_; // keeps what one platform is until all are there
    std::vector<std::unique_ptr<ImageBuild>> images_;
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
        builds.finish();
        throw;
    }
    builds.finish();
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
