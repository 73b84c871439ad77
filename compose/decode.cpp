#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"
#include "compose/selection.hpp"

namespace compose {

namespace {

void add_hashes(Project &project, const Node &normalised) {
    for (auto *services : {&project.services, &project.disabled_services})
        for (auto &[name, service] : *services)
            service.config_hash = service_hash(*normalised.find("services")->find(name), service.image);
    for (auto &[name, network] : project.networks)
        network.config_hash = resource_hash(*normalised.find("networks")->find(name), "networks");
    for (auto &[name, volume] : project.volumes)
        volume.config_hash = resource_hash(*normalised.find("volumes")->find(name), "volumes");
}

} // namespace

Project decode(const Node &normalised, const NormaliseContext &context) {
    const Selection selection = select(normalised, context);
    const auto used = [&](const std::set<std::string> &names, const std::string &key) {
        return context.options.all_resources || names.contains(key);
    };

    Project project;
    project.name = context.project_name;
    project.working_dir = context.project_directory.string();
    project.active_profiles.assign(selection.profiles.begin(), selection.profiles.end());
    project.environment = context.environment;
    const auto platform = context.environment.find("DOCKER_DEFAULT_PLATFORM");
    for (const Member &member : members_of(normalised, "services")) {
        auto &services =
            selection.services.contains(member.key) ? project.services : project.disabled_services;
        Service service = decode_service(member, context.project_name);
        if (service.platform.empty() && platform != context.environment.end())
            service.platform = platform->second;
        services.emplace(member.key, std::move(service));
    }
    for (const Member &member : members_of(normalised, "networks"))
        if (used(selection.networks, member.key))
            project.networks.emplace(member.key, decode_network(member));
    for (const Member &member : members_of(normalised, "volumes"))
        if (used(selection.volumes, member.key))
            project.volumes.emplace(member.key, decode_volume(member));
    for (const Member &member : members_of(normalised, "secrets"))
        if (used(selection.secrets, member.key))
            project.secrets.emplace(member.key, decode_file_object(member, "secrets", context));
    for (const Member &member : members_of(normalised, "configs"))
        if (used(selection.configs, member.key))
            project.configs.emplace(member.key, decode_file_object(member, "configs", context));
    if (!context.options.no_hashes)
        add_hashes(project, normalised);
    return project;
}

} // namespace compose
