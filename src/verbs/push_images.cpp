#include "verbs/push_images.hpp"

#include "base/error.hpp"
#include "engine/image/push.hpp"
#include "verbs/image_jobs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cli {

namespace {

struct Job {
    std::string name;
    std::vector<std::string> services;
};

std::vector<Job> jobs_of(const compose::Project &project, const std::set<std::string> &services,
                         Progress &progress) {
    std::vector<Job> jobs;
    for (const std::string &service : services) {
        const std::vector<std::string> names = names_to_push(project, project.services.at(service));
        if (names.empty())
            progress.event({.id = service, .state = ProgressState::done, .text = "Skipped"});
        for (const std::string &name : names) {
            const auto same =
                std::find_if(jobs.begin(), jobs.end(), [&](const Job &job) { return job.name == name; });
            if (same != jobs.end())
                same->services.push_back(service);
            else
                jobs.push_back({name, {service}});
        }
    }
    return jobs;
}

bool is_over(const image::PushEvent &event) {
    return event.phase == image::PushPhase::pushed || event.phase == image::PushPhase::exists
           || event.phase == image::PushPhase::mounted;
}

void push_one(image::Store store, const Job &job, const PushSettings &settings, EventQueue &queue,
              const std::atomic<bool> &cancelled) {
    const image::Reference reference = image::Reference::parse(job.name);
    const std::string id = reference.familiar();
    queue.push({.id = id, .text = "Pushing"});
    if (!store.find(reference.canonical()))
        throw base::Error(fmt::format("service {}: image {} is not in the store", job.services.front(),
                                      reference.familiar()),
                          "build it with: compose build " + job.services.front());
    image::PushOptions options;
    options.cancelled = &cancelled;
    if (!settings.quiet)
        options.on_event = [&](const image::PushEvent &event) {
            queue.push(layer_event(id, event, is_over(event)));
        };
    const image::Pushed pushed = image::push(store, reference, options);
    queue.push({.id = id, .state = ProgressState::done, .text = "Pushed", .detail = pushed.digest});
}

} // namespace

std::vector<std::string> names_to_push(const compose::Project &project, const compose::Service &service) {
    std::vector<std::string> names;
    if (!service.build)
        return names;
    // The name that a build gives where the file has none is for this machine.
    if (service.image != project.name + "-" + service.name)
        names.push_back(service.image);
    names.insert(names.end(), service.build->tags.begin(), service.build->tags.end());
    return names;
}

std::map<std::string, std::string> push_images(const Context &context, const compose::Project &project,
                                               const std::set<std::string> &services,
                                               const PushSettings &settings, Progress &progress) {
    const image::Store store(context.paths());
    std::vector<ImageJob> jobs;
    for (const Job &job : jobs_of(project, services, progress))
        jobs.push_back({job.services,
                        {image::Reference::parse(job.name).familiar()},
                        [&, job](EventQueue &queue, const std::atomic<bool> &cancelled) {
                            push_one(store, job, settings, queue, cancelled);
                        }});
    auto failed = run_image_jobs(jobs, settings.parallel, settings.ignore_failures, progress);
    progress.finish();
    return failed;
}

} // namespace cli
