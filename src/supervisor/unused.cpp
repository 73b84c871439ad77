#include "supervisor/unused.hpp"

#include "engine/network/host.hpp"
#include "supervisor/observer.hpp"

#include <set>

namespace supervisor {

namespace {

template <typename Visit>
void each_container(const base::Paths &paths, const Visit &visit) {
    for (const std::string &project : read_projects(paths))
        for (const ContainerInfo &info : read_containers(paths, project))
            visit(info);
}

} // namespace

std::vector<std::string> unused_networks(const base::Paths &paths) {
    std::set<std::string> needed;
    each_container(paths, [&](const ContainerInfo &info) {
        for (const auto &endpoint : info.spec.endpoints)
            needed.insert(endpoint.network);
    });
    std::vector<std::string> names;
    const auto host = network::make_system_host(paths);
    for (const network::Network &network : host->networks())
        if (!needed.contains(network.spec.name) && !host->in_use(network))
            names.push_back(network.spec.name);
    return names;
}

std::vector<VolumeRecord> unused_volumes(const base::Paths &paths) {
    std::set<std::string> needed;
    each_container(paths, [&](const ContainerInfo &info) {
        for (const auto &mount : info.spec.mounts)
            if (const auto *volume = std::get_if<container::VolumeMount>(&mount.source))
                needed.insert(volume->name);
    });
    std::vector<VolumeRecord> volumes = read_volumes(paths);
    std::erase_if(volumes, [&](const VolumeRecord &volume) { return needed.contains(volume.name); });
    return volumes;
}

void remove_network(const base::Paths &paths, const std::string &name) {
    network::make_system_host(paths)->remove_networks({name});
}

} // namespace supervisor
