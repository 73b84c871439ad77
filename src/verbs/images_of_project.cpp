#include "verbs/images_of_project.hpp"

#include "base/error.hpp"
#include "compose/plan/order.hpp"
#include "engine/image/pull.hpp"
#include "verbs/request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace cli {

namespace {

struct Job {
    std::string image;
    std::vector<std::string> services;
    std::string platform;
};

// How long ago the registry may have been asked last: of daily, weekly and every_DURATION.
std::optional<base::Duration> longest_age(const std::string &policy) {
    constexpr std::string_view every = "every_";
    if (policy == "daily")
        return std::chrono::hours(24);
    if (policy == "weekly")
        return std::chrono::hours(24 * 7);
    return policy.starts_with(every) ? base::parse_duration(policy.substr(every.size())) : std::nullopt;
}

bool runs_on(const image::Image &image, const std::string &platform) {
    return platform.empty() || image::Platform::parse(platform).distance_to(image.config.platform) >= 0;
}

bool wants_pull(const compose::Service &service, const image::Store &store, const PullSettings &settings) {
    const std::string policy = settings.policy.empty() ? service.pull_policy : settings.policy;
    if (policy == "never" || policy == "build")
        return false;
    if (settings.always_ask && settings.policy.empty())
        return true;
    if (policy == "always")
        return true;
    const auto present = store.find(service.image);
    if (!present || !runs_on(*present, service.platform))
        return true;
    const auto age = longest_age(policy);
    return age && (!present->checked || base::now() - *present->checked > *age);
}

std::vector<Job> jobs_of(const compose::Project &project, const std::set<std::string> &services,
                         const image::Store &store, const PullSettings &settings, Progress &progress) {
    std::vector<Job> jobs;
    for (const std::string &name : services) {
        const compose::Service &service = project.services.at(name);
        // Nobody but a build makes an image of that name.
        if (service.build && service.image == project.name + "-" + name) {
            if (settings.always_ask)
                progress.event(
                    {.id = name, .state = ProgressState::done, .text = "Skipped - No image to be pulled"});
            continue;
        }
        if (!wants_pull(service, store, settings)) {
            if (settings.always_ask)
                progress.event({.id = name,
                                .state = ProgressState::done,
                                .text = "Skipped - Image is already present locally"});
            continue;
        }
        const auto same = std::find_if(jobs.begin(), jobs.end(), [&](const Job &job) {
            return job.image == service.image && job.platform == service.platform;
        });
        if (same != jobs.end())
            same->services.push_back(name);
        else
            jobs.push_back({service.image, {name}, service.platform});
    }
    return jobs;
}

// Progress objects belong to one thread: what the workers see is queued for it.
class EventQueue {
  public:
    void push(ProgressEvent event) {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
        ready_.notify_one();
    }

    void finish_one() {
        const std::lock_guard lock(mutex_);
        ++finished_;
        ready_.notify_one();
    }

    // Shows events until so many workers have finished.
    void show(Progress &progress, std::size_t workers, std::atomic<bool> &cancelled) {
        std::unique_lock lock(mutex_);
        while (finished_ < workers || !events_.empty()) {
            if (events_.empty()) {
                ready_.wait_for(lock, std::chrono::milliseconds(100));
                progress.tick();
            }
            cancelled = InterruptGuard::count() > 0;
            while (!events_.empty()) {
                const ProgressEvent event = std::move(events_.front());
                events_.pop_front();
                lock.unlock();
                progress.event(event);
                lock.lock();
            }
        }
    }

  private:
    std::mutex mutex_;
    std::condition_variable ready_;
    std::deque<ProgressEvent> events_;
    std::size_t finished_ = 0;
};

ProgressEvent layer_event(const std::string &parent, const image::PullEvent &event) {
    const bool over = event.phase == image::PullPhase::done || event.phase == image::PullPhase::exists;
    return {.id = event.layer,
            .parent = parent,
            .state = over ? ProgressState::done : ProgressState::working,
            .text = image::phase_name(event.phase),
            .current = static_cast<std::uint64_t>(event.bytes),
            .total = static_cast<std::uint64_t>(event.total)};
}

void pull_one(image::Store store, const Job &job, const PullSettings &settings, EventQueue &queue,
              const std::atomic<bool> &cancelled) {
    const std::string &name = job.services.front();
    for (const std::string &service : job.services)
        queue.push({.id = service, .text = "Pulling"});
    image::PullOptions options;
    options.cancelled = &cancelled;
    if (!job.platform.empty())
        options.platform = image::Platform::parse(job.platform);
    if (!settings.patient)
        options.attempts = 1;
    if (!settings.quiet)
        options.on_event = [&](const image::PullEvent &event) { queue.push(layer_event(name, event)); };
    image::pull(store, image::Reference::parse(job.image), options);
    for (const std::string &service : job.services)
        queue.push({.id = service, .state = ProgressState::done, .text = "Pulled"});
}

} // namespace

PullReport pull_images(const Context &context, const compose::Project &project,
                       const std::set<std::string> &services, const PullSettings &settings,
                       Progress &progress) {
    const image::Store store(context.paths());
    const std::vector<Job> jobs = jobs_of(project, services, store, settings, progress);
    PullReport report;
    if (jobs.empty())
        return report;
    const InterruptGuard guard;
    EventQueue queue;
    std::mutex mutex;
    std::exception_ptr failure;
    std::atomic<bool> cancelled = false;
    std::atomic<std::size_t> next = 0;
    const auto work = [&] {
        for (std::size_t i = next++; i < jobs.size(); i = next++) {
            try {
                pull_one(store, jobs[i], settings, queue, cancelled);
            } catch (const base::Error &error) {
                const std::lock_guard lock(mutex);
                for (const std::string &service : jobs[i].services) {
                    queue.push({.id = service,
                                .state = ProgressState::error,
                                .text = "Error",
                                .detail = error.what()});
                    report.failed[service] = error.what();
                }
                if (!failure)
                    failure = std::current_exception();
                if (!settings.ignore_failures)
                    next = jobs.size();
            }
        }
        queue.finish_one();
    };
    const std::size_t limit =
        settings.parallel < 1 ? jobs.size() : static_cast<std::size_t>(settings.parallel);
    std::vector<std::thread> workers;
    for (std::size_t i = 0; i < std::min(limit, jobs.size()); ++i)
        workers.emplace_back(work);
    queue.show(progress, workers.size(), cancelled);
    for (std::thread &worker : workers)
        worker.join();
    progress.finish();
    if (failure && (!settings.ignore_failures || cancelled))
        std::rethrow_exception(failure);
    return report;
}

plan::ImageInfo image_info(const image::Store &store, const compose::Service &service) {
    if (service.image.empty())
        throw base::Error(fmt::format("service {} has neither an image nor a build section", service.name));
    const auto found = store.find(service.image);
    if (!found && service.build)
        throw base::Error(
            fmt::format("service {}: image {} is not in the store", service.name, service.image),
            "build it with: compose build " + service.name);
    const image::Image image = found ? *found : store.get(service.image);
    const image::ImageConfig &config = image.config;
    if (!runs_on(image, service.platform))
        throw base::Error(fmt::format("service {}: image {} in the store is for {}, not for {}", service.name,
                                      service.image, config.platform.text(), service.platform),
                          "pull it with: compose pull " + service.name);
    plan::ImageInfo info{.id = image.id,
                         .env = config.env,
                         .entrypoint = config.entrypoint.value_or(std::vector<std::string>()),
                         .command = config.cmd.value_or(std::vector<std::string>()),
                         .shell = config.shell,
                         .user = config.user,
                         .working_dir = config.working_dir,
                         .volumes = {config.volumes.begin(), config.volumes.end()},
                         .exposed_ports = {config.exposed_ports.begin(), config.exposed_ports.end()},
                         .labels = config.labels,
                         .stop_signal = config.stop_signal};
    for (const auto &layer : image.layers)
        info.layers.push_back(layer.string());
    if (config.healthcheck)
        info.healthcheck = {config.healthcheck->test,           config.healthcheck->interval,
                            config.healthcheck->timeout,        config.healthcheck->start_period,
                            config.healthcheck->start_interval, config.healthcheck->retries};
    return info;
}

std::set<std::string> with_dependencies(const compose::Project &project,
                                        const std::vector<std::string> &targets, bool dependencies) {
    plan::Edges edges;
    for (const auto &[name, service] : project.services) {
        edges[name];
        for (const auto &[dependency, condition] : service.depends_on)
            edges[name].insert(dependency);
    }
    std::set<std::string> names(targets.begin(), targets.end());
    if (names.empty())
        for (const auto &[name, service] : project.services)
            names.insert(name);
    return dependencies ? plan::closure(edges, names) : names;
}

} // namespace cli
