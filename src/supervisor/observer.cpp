#include "supervisor/observer.hpp"

#include "base/file.hpp"
#include "base/json.hpp"
#include "compose/plan/labels.hpp"
#include "engine/container/process.hpp"
#include "engine/network/host.hpp"
#include "supervisor/volume_store.hpp"

#include <algorithm>
#include <tuple>

namespace supervisor {

namespace {

std::string label(const std::map<std::string, std::string> &labels, const std::string &key) {
    const auto found = labels.find(key);
    return found == labels.end() ? "" : found->second;
}

// "db:service_healthy:true,redis:service_started:false"
std::map<std::string, std::string> parse_depends_on(const std::string &text) {
    std::map<std::string, std::string> result;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        const std::string entry = text.substr(start, end - start);
        if (const std::size_t colon = entry.find(':'); colon != std::string::npos)
            result[entry.substr(0, colon)] = entry.substr(colon + 1);
        start = end + 1;
    }
    return result;
}

void settle(StateRecord &state) {
    const bool has_process = state.status == plan::Status::running || state.status == plan::Status::paused;
    if (!has_process)
        return;
    const auto stat = container::read_process_stat(state.pid);
    if (stat && stat->start_ticks == state.start_ticks && stat->state != 'Z')
        return;
    state.status = plan::Status::exited;
    state.exit_known = false;
    state.exit_code = unknown_exit_code;
    state.pid = 0;
    state.health = plan::Health::none;
}

} // namespace

std::vector<ContainerInfo> read_containers(const base::Paths &paths, const std::string &project) {
    std::vector<ContainerInfo> containers;
    const auto directory = paths.project(project) / "containers";
    for (const std::string &id : base::list_dir(directory)) {
        if (id.size() != 64)
            continue; // being made or removed
        ContainerInfo info;
        info.directory = directory / id;
        auto spec = container::read_spec(info.directory);
        if (!spec)
            continue;
        info.spec = std::move(*spec);
        if (auto state = read_state(info.directory))
            info.state = std::move(*state);
        if (info.state.created == base::Timestamp{})
            info.state.created = info.spec.created;
        settle(info.state);
        containers.push_back(std::move(info));
    }
    std::sort(containers.begin(), containers.end(), [](const ContainerInfo &a, const ContainerInfo &b) {
        return std::tie(a.spec.service, a.spec.one_off, a.spec.number, a.spec.id)
               < std::tie(b.spec.service, b.spec.one_off, b.spec.number, b.spec.id);
    });
    return containers;
}

std::vector<std::string> read_projects(const base::Paths &paths) {
    std::vector<std::string> projects;
    for (const std::string &name : base::list_dir(paths.projects()))
        if (!base::list_dir(paths.project(name) / "containers").empty())
            projects.push_back(name);
    return projects;
}

plan::ObservedContainer observed_container(const ContainerInfo &info) {
    plan::ObservedContainer observed{.id = info.spec.id,
                                     .name = info.spec.name,
                                     .service = info.spec.service,
                                     .number = info.spec.number,
                                     .one_off = info.spec.one_off,
                                     .status = info.state.status,
                                     .health = info.state.health,
                                     .exit_code = info.state.exit_code,
                                     .hash = label(info.spec.labels, plan::label_config_hash),
                                     .image = info.spec.image_id,
                                     .depends_on =
                                         parse_depends_on(label(info.spec.labels, plan::label_depends_on))};
    for (const container::Endpoint &endpoint : info.spec.endpoints)
        observed.networks.push_back(endpoint.network);
    for (const container::Mount &mount : info.spec.mounts)
        if (const auto *volume = std::get_if<container::VolumeMount>(&mount.source))
            observed.volumes.push_back(volume->name);
    return observed;
}

void observe_shared(const base::Paths &paths, network::Host &host, const std::string &project,
                    plan::Observed &observed) {
    for (const auto &network : host.networks())
        observed.networks.push_back({network.spec.name, label(network.spec.labels, plan::label_config_hash),
                                     label(network.spec.labels, plan::label_project) == project});
    for (const VolumeRecord &volume : read_volumes(paths))
        observed.volumes.push_back({volume.name, label(volume.labels, plan::label_config_hash),
                                    label(volume.labels, plan::label_project) == project});
}

plan::Observed observe(const base::Paths &paths, const std::string &project) {
    plan::Observed observed;
    for (const ContainerInfo &info : read_containers(paths, project))
        observed.containers.push_back(observed_container(info));
    observe_shared(paths, *network::make_system_host(paths), project, observed);
    return observed;
}

} // namespace supervisor
