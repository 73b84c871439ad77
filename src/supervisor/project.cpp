#include "supervisor/project.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "compose/plan/labels.hpp"
#include "engine/container/id_blocks.hpp"
#include "supervisor/volume_store.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <fcntl.h>
#include <tuple>

namespace supervisor {

namespace {

constexpr std::size_t id_digits = 64;
constexpr std::size_t short_id = 12;

// The anonymous volume the predecessor had at the same place.
std::string inherited_volume(const ManagedContainer &predecessor, const std::string &target,
                             const base::Paths &paths) {
    for (const container::Mount &mount : predecessor.spec().mounts) {
        const auto *volume = std::get_if<container::VolumeMount>(&mount.source);
        if (volume != nullptr && mount.target == target && volume_exists(paths, volume->name))
            return volume->name;
    }
    return "";
}

std::vector<std::string> anonymous_volumes(const container::Spec &spec, const base::Paths &paths) {
    std::vector<std::string> names;
    for (const VolumeRecord &volume : read_volumes(paths))
        if (volume.anonymous)
            for (const container::Mount &mount : spec.mounts)
                if (const auto *used = std::get_if<container::VolumeMount>(&mount.source);
                    used != nullptr && used->name == volume.name)
                    names.push_back(volume.name);
    return names;
}

} // namespace

Project::Project(Runtime &runtime) : runtime_(runtime) {
    runtime_.events.listen([this](const Answer &event) {
        if (event.action == "die" && !event.restarting)
            boost::asio::post(runtime_.io, [this, id = event.id] { remove_when_over(id); });
    });
}

// One-off containers of `run --rm`, whether or not the command that started them still lives.
void Project::remove_when_over(const std::string &id) {
    const auto found = containers_.find(id);
    if (found == containers_.end()
        || !found->second->spec().annotations.contains(plan::annotation_auto_remove))
        return;
    const Container container = found->second;
    if (!container->has_process())
        remove(container, {.anonymous_volumes = true});
}

Project::Container Project::add(ContainerInfo info) {
    auto container = std::make_shared<ManagedContainer>(
        runtime_, std::move(info), [this](const std::string &reference) { return find(reference); });
    containers_[container->spec().id] = container;
    return container;
}

void Project::adopt() {
    for (const std::string &name : container::sweep(runtime_.paths, runtime_.project))
        base::log::warning("removed {}: it was not wholly made, or not wholly removed", name);
    for (ContainerInfo &info : read_containers(runtime_.paths, runtime_.project)) {
        // The record as it was written: whether the process still lives is for adopt() to find out.
        if (auto state = read_state(info.directory))
            info.state = std::move(*state);
        add(std::move(info));
    }
    runtime_.dns.update([&](dns::Zone &zone) {
        for (const auto &[id, container] : containers_)
            for (const container::Endpoint &endpoint : container->spec().endpoints)
                zone.declare(endpoint.network, container->spec().service, dns::Standing::stopped);
    });
    for (const auto &[id, container] : std::map(containers_)) {
        try {
            container->adopt();
        } catch (const base::Error &error) {
            base::log::error("adopt {}: {}", container->spec().name, error.what());
        }
    }
}

Project::Container Project::find(const std::string &reference) const {
    constexpr std::string_view service_prefix = "service:";
    Container stopped;
    for (const auto &[id, container] : containers_) {
        const container::Spec &spec = container->spec();
        if (id == reference || spec.name == reference)
            return container;
        if (!reference.starts_with(service_prefix) || spec.one_off
            || spec.service != reference.substr(service_prefix.size()))
            continue;
        if (container->has_process())
            return container;
        stopped = container;
    }
    return stopped;
}

plan::Observed Project::observed() const {
    plan::Observed observed;
    for (const auto &[id, container] : containers_)
        observed.containers.push_back(observed_container(container->info()));
    std::sort(observed.containers.begin(), observed.containers.end(), [](const auto &a, const auto &b) {
        return std::tie(a.service, a.one_off, a.number, a.id)
               < std::tie(b.service, b.one_off, b.number, b.id);
    });
    observe_shared(runtime_.paths, runtime_.network, runtime_.project, observed);
    return observed;
}

std::vector<Replica> Project::replicas(const std::string &service) const {
    std::vector<Replica> result;
    for (const auto &[id, container] : containers_)
        if (container->spec().service == service && !container->spec().one_off)
            result.push_back({container->spec().name, container->state(), container->has_health_check()});
    return result;
}

Project::Container Project::create(container::Spec spec, const std::string &name, int number,
                                   const Container &replaces, bool renew_volumes) {
    spec.id = base::random_hex(id_digits);
    spec.name = name;
    spec.number = number;
    spec.created = base::now();
    spec.labels[plan::label_number] = std::to_string(number);
    if (spec.hostname.empty() && spec.namespaces.uts.kind == container::NamespaceMode::Kind::private_)
        spec.hostname = spec.id.substr(0, short_id);
    container::give_ids(runtime_.paths, spec);
    std::vector<std::string> made;
    for (container::Mount &mount : spec.mounts) {
        auto *volume = std::get_if<container::VolumeMount>(&mount.source);
        if (volume == nullptr || !volume->name.empty())
            continue;
        if (replaces && !renew_volumes)
            volume->name = inherited_volume(*replaces, mount.target, runtime_.paths);
        if (volume->name.empty()) {
            volume->name = base::random_hex(id_digits);
            create_volume(
                runtime_.paths,
                {.name = volume->name, .labels = {{plan::label_project, spec.project}}, .anonymous = true});
            made.push_back(volume->name);
        }
        volume->source = (runtime_.paths.volume(volume->name) / "_data").string();
    }
    ContainerInfo info;
    info.state.created = spec.created;
    try {
        container::CreateOptions options;
        for (const container::Endpoint &endpoint : spec.endpoints)
            if (const auto network = runtime_.network.find_network(endpoint.network);
                network && options.host_gateway.empty())
                options.host_gateway = network->gateway.text();
        info.directory = container::create(runtime_.paths, spec, options);
        // There from the start, so that who reads it can open it before the first output and keep it.
        (void)base::open_file(info.directory / "log", O_WRONLY | O_CREAT | O_APPEND, 0640);
        write_state(info.directory, info.state);
    } catch (...) {
        for (const std::string &volume : made)
            remove_volume(runtime_.paths, volume);
        throw;
    }
    info.spec = std::move(spec);
    const Container created = add(std::move(info));
    created->publish("create");
    return created;
}

void Project::remove(const Container &container, const RemoveOptions &options) {
    std::vector<std::string> volumes;
    if (options.anonymous_volumes && !options.replaced)
        volumes = anonymous_volumes(container->spec(), runtime_.paths);
    container->remove(options.replaced);
    containers_.erase(container->spec().id);
    for (const std::string &volume : volumes)
        remove_volume(runtime_.paths, volume);
}

bool Project::anything_active() const {
    return std::any_of(containers_.begin(), containers_.end(), [](const auto &entry) {
        return entry.second->has_process() || entry.second->starting()
               || plan::is_active(entry.second->state().status);
    });
}

} // namespace supervisor
