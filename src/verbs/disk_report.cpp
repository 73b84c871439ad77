#include "verbs/disk_report.hpp"

#include "base/disk_usage.hpp"
#include "verbs/project_state.hpp"

#include <algorithm>
#include <map>

namespace cli {

namespace {

bool is_dead(const std::vector<supervisor::ContainerInfo> &containers) {
    return !containers.empty() && std::none_of(containers.begin(), containers.end(), [](const auto &info) {
        return plan::is_active(info.state.status);
    });
}

} // namespace

std::vector<std::string> dead_projects(const base::Paths &paths) {
    std::vector<std::string> names = supervisor::read_projects(paths);
    std::erase_if(
        names, [&](const std::string &name) { return !is_dead(supervisor::read_containers(paths, name)); });
    return names;
}

DiskReport make_disk_report(const base::Paths &paths) {
    DiskReport report;
    std::map<std::string, std::size_t> users;
    for (const std::string &project : supervisor::read_projects(paths)) {
        const auto containers = supervisor::read_containers(paths, project);
        const bool dead = is_dead(containers);
        for (const supervisor::ContainerInfo &info : containers) {
            report.containers.push_back({info, base::disk_usage(info.directory), dead});
            report.images_in_use.insert(info.spec.image_id);
            std::set<std::string> volumes;
            for (const auto &mount : info.spec.mounts)
                if (const auto *volume = std::get_if<container::VolumeMount>(&mount.source))
                    volumes.insert(volume->name);
            for (const std::string &volume : volumes)
                ++users[volume];
        }
    }
    for (supervisor::VolumeRecord &volume : supervisor::read_volumes(paths)) {
        const base::Bytes size = base::disk_usage(paths.volume(volume.name));
        const std::size_t containers = users[volume.name];
        report.volumes.push_back({std::move(volume), containers, size});
    }
    report.projects_size = base::disk_usage(paths.projects());
    report.volumes_size = base::disk_usage(paths.volumes());
    report.store = image::usage(image::Store(paths), report.images_in_use);
    return report;
}

std::vector<DiskRow> DiskReport::rows() const {
    DiskRow image_row{"Images", store.images.size(), 0, store.images_size, store.images_unused};
    for (const image::ImageUsage &usage : store.images)
        image_row.active += images_in_use.contains(usage.image.id) ? 1 : 0;
    DiskRow container_row{"Containers", containers.size(), 0, projects_size, {}};
    for (const ContainerUsage &usage : containers) {
        container_row.active += plan::is_active(usage.info.state.status) ? 1 : 0;
        container_row.reclaimable.value += usage.reclaimable ? usage.size.value : 0;
    }
    DiskRow volume_row{"Local Volumes", volumes.size(), 0, volumes_size, {}};
    for (const VolumeUsage &usage : volumes) {
        volume_row.active += usage.containers > 0 ? 1 : 0;
        volume_row.reclaimable.value += usage.containers > 0 ? 0 : usage.size.value;
    }
    return {image_row,
            container_row,
            volume_row,
            {"Build Cache", store.cached_steps, 0, store.cache_size, store.cache_size}};
}

} // namespace cli
