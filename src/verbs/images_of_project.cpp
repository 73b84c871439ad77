#include "verbs/images_of_project.hpp"

#include "base/error.hpp"
#include "compose/plan/order.hpp"
#include "engine/image/emulation.hpp"
#include "engine/image/pull.hpp"
#include "verbs/image_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

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

bool wants_pull(const compose::Service &service, const image::Store &store, const PullSettings &settings) {
    const std::string policy = settings.policy.empty() ? service.pull_policy : settings.policy;
    if (policy == "never" || policy == "build")
        return false;
    if (settings.always_ask && settings.policy.empty())
        return true;
    if (policy == "always")
        return true;
    const auto present = find_image(store, service);
    if (!present || (service.platform.empty() && !image::can_run(present->config.platform)))
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

bool is_over(const image::PullEvent &event) {
    return event.phase == image::PullPhase::done || event.phase == image::PullPhase::exists;
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
        options.on_event = [&](const image::PullEvent &event) {
            queue.push(layer_event(name, event, is_over(event)));
        };
    image::pull(store, image::Reference::parse(job.image), options);
    for (const std::string &service : job.services)
        queue.push({.id = service, .state = ProgressState::done, .text = "Pulled"});
}

} // namespace

PullReport pull_images(const Context &context, const compose::Project &project,
                       const std::set<std::string> &services, const PullSettings &settings,
                       Progress &progress) {
    const image::Store store(context.paths());
    std::vector<ImageJob> jobs;
    for (const Job &job : jobs_of(project, services, store, settings, progress))
        jobs.push_back(
            {job.services, job.services, [&, job](EventQueue &queue, const std::atomic<bool> &cancelled) {
                 pull_one(store, job, settings, queue, cancelled);
             }});
    return {run_image_jobs(jobs, settings.parallel, settings.ignore_failures, progress)};
}

std::optional<image::Image> find_image(const image::Store &store, const compose::Service &service) {
    if (!service.platform.empty())
        return store.find(service.image, image::Platform::parse(service.platform));
    auto own = store.find(service.image, image::Platform::host());
    return own ? std::move(own) : store.find(service.image);
}

plan::ImageInfo image_info(const image::Store &store, const compose::Service &service) {
    if (service.image.empty())
        throw base::Error(fmt::format("service {} has neither an image nor a build section", service.name));
    const auto found = find_image(store, service);
    const auto other = found ? std::nullopt : store.find(service.image);
    if (other)
        throw base::Error(fmt::format("service {}: image {} in the store is for {}, not for {}", service.name,
                                      service.image, other->config.platform.text(), service.platform),
                          fmt::format("{} it with: compose {} {}", service.build ? "build" : "pull",
                                      service.build ? "build" : "pull", service.name));
    if (!found && service.build)
        throw base::Error(
            fmt::format("service {}: image {} is not in the store", service.name, service.image),
            "build it with: compose build " + service.name);
    const image::Image image = found ? *found : store.get(service.image);
    const image::ImageConfig &config = image.config;
    if (!image::can_run(config.platform))
        throw base::Error(fmt::format("service {}: image {} is for {}, whose programs this machine can't run",
                                      service.name, service.image, config.platform.text()),
                          image::emulation_hint(config.platform));
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
