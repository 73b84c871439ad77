#include "verbs/project_state.hpp"

#include "base/error.hpp"
#include "base/suggest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cli {

using supervisor::ContainerInfo;

std::set<std::string> images_in_use(const base::Paths &paths) {
    std::set<std::string> images;
    for (const std::string &project : supervisor::read_projects(paths))
        for (const ContainerInfo &info : supervisor::read_containers(paths, project))
            images.insert(info.spec.image_id);
    return images;
}

image::Store collecting_store(const base::Paths &paths) {
    return image::Store(paths, [paths] { return images_in_use(paths); });
}

void require_known(const Context::Named &named, const std::vector<ContainerInfo> &containers,
                   const std::vector<std::string> &services) {
    std::vector<std::string> known;
    if (named.loaded) {
        for (const auto &[name, service] : named.loaded->project.services)
            known.push_back(name);
        for (const auto &[name, service] : named.loaded->project.disabled_services)
            known.push_back(name);
    }
    for (const ContainerInfo &info : containers)
        known.push_back(info.spec.service);
    for (const std::string &service : services)
        if (std::find(known.begin(), known.end(), service) == known.end())
            throw base::Error("no such service: " + service, base::did_you_mean(service, known));
}

std::vector<ContainerInfo> containers_of(std::vector<ContainerInfo> all,
                                         const std::vector<std::string> &services, bool one_offs) {
    std::erase_if(all, [&](const ContainerInfo &info) {
        const bool named =
            services.empty()
            || std::find(services.begin(), services.end(), info.spec.service) != services.end();
        return !named || (info.spec.one_off && !one_offs);
    });
    return all;
}

ContainerInfo running_container(const base::Paths &paths, const std::string &project,
                                const std::string &service, std::optional<int> index) {
    const auto containers = containers_of(supervisor::read_containers(paths, project), {service}, !index);
    for (const ContainerInfo &info : containers)
        if (info.state.pid != 0 && (!index || info.spec.number == *index))
            return info;
    if (index)
        throw base::Error(fmt::format("service \"{}\" is not running container #{}", service, *index));
    throw base::Error(fmt::format("service \"{}\" is not running", service),
                      fmt::format("start it with: compose up -d {}", service));
}

std::string short_name(const container::Spec &spec) {
    for (const char *separator : {"-", "_"})
        if (const std::string prefix = spec.project + separator;
            spec.name.starts_with(prefix + spec.service + separator))
            return spec.name.substr(prefix.size());
    return spec.name;
}

} // namespace cli
