#include "compose/plan/blueprint.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "compose/cdi_name.hpp"
#include "compose/plan/labels.hpp"
#include "compose/plan/service_spec.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plan {

namespace {

GateCondition condition_of(compose::Condition condition) {
    switch (condition) {
    case compose::Condition::healthy:
        return GateCondition::healthy;
    case compose::Condition::completed_successfully:
        return GateCondition::completed;
    case compose::Condition::started:
        break;
    }
    return GateCondition::started;
}

std::string condition_label(GateCondition condition) {
    switch (condition) {
    case GateCondition::healthy:
        return "service_healthy";
    case GateCondition::completed:
        return "service_completed_successfully";
    case GateCondition::started:
        break;
    }
    return "service_started";
}

std::string joined(const std::vector<std::string> &words) {
    std::string text;
    for (const std::string &word : words)
        text += (text.empty() ? "" : ",") + word;
    return text;
}

std::string depends_on_label(const compose::Service &service) {
    std::vector<std::string> entries;
    for (const auto &[name, dependency] : service.depends_on)
        entries.push_back(fmt::format("{}:{}:{}", name, condition_label(condition_of(dependency.condition)),
                                      dependency.restart ? "true" : "false"));
    return joined(entries);
}

// What a container is recreated for: the service's own hash, and what is granted to it by content.
std::string recreation_hash(const compose::Service &service, const container::Spec &spec) {
    if (spec.files.empty())
        return service.config_hash;
    base::Sha256 hash;
    hash.update(service.config_hash);
    for (const container::GrantedFile &file : spec.files)
        hash.update(fmt::format("\n{} {}\n", file.target, base::sha256_hex(file.content)));
    return hash.hex();
}

DesiredService desired_of(const compose::Service &service, const container::Spec &spec) {
    DesiredService desired{.name = service.name,
                           .replicas = service.replicas,
                           .container_name = service.container_name,
                           .hash = spec.labels.at(label_config_hash),
                           .image = spec.image_id};
    for (const auto &[name, dependency] : service.depends_on)
        desired.depends_on.push_back({.service = name,
                                      .condition = condition_of(dependency.condition),
                                      .required = dependency.required,
                                      .restart = dependency.restart});
    for (const container::Endpoint &endpoint : spec.endpoints)
        desired.networks.push_back(endpoint.network);
    for (const container::Mount &mount : spec.mounts)
        if (const auto *volume = std::get_if<container::VolumeMount>(&mount.source);
            volume != nullptr && !volume->name.empty())
            desired.volumes.push_back(volume->name);
    for (const compose::NamespaceMode *mode : {&service.network_mode, &service.pid, &service.ipc})
        if (mode->kind == compose::NamespaceMode::Kind::service)
            desired.donors.insert(mode->name);
    return desired;
}

std::map<std::string, std::string> resource_labels(const compose::Project &project, const std::string &kind,
                                                   const std::string &key, const std::string &hash,
                                                   std::map<std::string, std::string> labels) {
    labels[label_project] = project.name;
    labels[fmt::format("com.docker.compose.{}", kind)] = key;
    labels[label_version] = COMPOSE_VERSION;
    labels[label_config_hash] = hash;
    return labels;
}

void add_networks(const compose::Project &project, Blueprint &blueprint) {
    for (const auto &[key, network] : project.networks) {
        blueprint.desired.networks.push_back({network.name, network.config_hash, network.external});
        NetworkBlueprint print{
            .key = key,
            .name = network.name,
            .driver = network.driver,
            .options = network.driver_opts,
            .labels = resource_labels(project, "network", key, network.config_hash, network.labels),
            .internal = network.internal,
            .attachable = network.attachable};
        for (const compose::IpamConfig &config : network.ipam) {
            if (config.subnet.find(':') != std::string::npos)
                throw base::Error(fmt::format("{}: network {}: IPv6 subnets are not supported yet",
                                              base::to_string(network.location), key),
                                  "remove the IPv6 subnet");
            print.subnet = config.subnet;
            print.gateway = config.gateway;
            print.ip_range = config.ip_range;
            print.aux_addresses = config.aux_addresses;
        }
        blueprint.networks[network.name] = std::move(print);
    }
    const bool default_bridge =
        std::any_of(project.services.begin(), project.services.end(), [](const auto &entry) {
            return entry.second.network_mode.kind == compose::NamespaceMode::Kind::bridge;
        });
    if (default_bridge) {
        const std::string name = project.name + "_bridge";
        blueprint.desired.networks.push_back({name, "bridge", false});
        blueprint.networks[name] = {.key = "bridge",
                                    .name = name,
                                    .labels = resource_labels(project, "network", "bridge", "bridge", {})};
    }
}

void add_volumes(const compose::Project &project, Blueprint &blueprint) {
    for (const auto &[key, volume] : project.volumes) {
        blueprint.desired.volumes.push_back({volume.name, volume.config_hash, volume.external});
        blueprint.volumes[volume.name] = {
            key, volume.name, volume.driver, volume.driver_opts,
            resource_labels(project, "volume", key, volume.config_hash, volume.labels)};
    }
}

} // namespace

container::Spec make_spec(const compose::Project &project, const compose::Service &service,
                          const base::Paths &paths, const ImageInfo &image) {
    container::Spec spec;
    spec.project = project.name;
    spec.service = service.name;
    spec.image_id = image.id;
    spec.image_name = service.image;
    spec.layers = image.layers;
    spec.read_only = service.read_only;
    spec.hostname = service.hostname;
    spec.domainname = service.domainname;
    spec.annotations = service.annotations;

    spec.process.argv = argv_of(service, image);
    spec.process.env = env_of(service, image);
    spec.process.cwd = !service.working_dir.empty() ? service.working_dir
                       : image.working_dir.empty()  ? "/"
                                                    : image.working_dir;
    spec.process.user = service.user.empty() ? image.user : service.user;
    spec.process.group_add = service.group_add;
    spec.process.tty = service.tty;
    spec.process.stdin_open = service.stdin_open;
    spec.process.init = service.init.value_or(false);
    for (const auto &[name, limit] : service.ulimits)
        spec.process.rlimits.push_back({name, limit.soft, limit.hard});
    spec.process.oom_score_adj = service.oom_score_adj;
    spec.security = security_of(service);

    spec.namespaces.pid = namespace_of(service.pid);
    spec.namespaces.network = namespace_of(service.network_mode);
    spec.namespaces.ipc = namespace_of(service.ipc);
    spec.namespaces.uts = namespace_of(service.uts);
    spec.namespaces.cgroup = namespace_of(service.cgroup);
    spec.namespaces.own_users = service.userns.kind == compose::NamespaceMode::Kind::private_;
    spec.namespaces.ipc_shareable = service.ipc.kind == compose::NamespaceMode::Kind::shareable;

    spec.mounts = mounts_of(project, service, paths, image);
    spec.files = files_of(project, service, spec.mounts);
    if (service.shm_size)
        spec.shm_size = *service.shm_size;
    for (const compose::Device &device : service.devices)
        if (compose::is_cdi_device(device.source))
            spec.cdi_devices.push_back(device.source);
        else
            spec.devices.push_back({device.source, device.target, device.permissions});
    spec.device_cgroup_rules = service.device_cgroup_rules;
    spec.sysctls = service.sysctls;
    spec.resources = resources_of(service.resources);
    spec.cgroup_parent = service.cgroup_parent;

    if (spec.namespaces.network.kind == container::NamespaceMode::Kind::private_)
        spec.endpoints = endpoints_of(project, service);
    spec.ports = ports_of(service);
    spec.expose = service.expose;
    for (const std::string &port : image.exposed_ports)
        if (std::find(spec.expose.begin(), spec.expose.end(), port) == spec.expose.end())
            spec.expose.push_back(port);
    spec.extra_hosts = service.extra_hosts;
    for (const std::string &link : service.links)
        if (const std::size_t colon = link.find(':'); colon != std::string::npos)
            spec.links[link.substr(colon + 1)] = link.substr(0, colon);
    spec.dns = service.dns;
    spec.dns_search = service.dns_search;
    spec.dns_options = service.dns_opt;

    spec.stop_signal = !service.stop_signal.empty() ? service.stop_signal
                       : image.stop_signal.empty()  ? "SIGTERM"
                                                    : image.stop_signal;
    (void)container::parse_signal(spec.stop_signal);
    spec.stop_grace = service.stop_grace_period.value_or(std::chrono::seconds(10));
    spec.restart = restart_of(service);
    spec.healthcheck = healthcheck_of(service, image);
    spec.log = log_of(service);

    spec.labels = image.labels;
    for (const auto &[key, value] : service.labels)
        spec.labels[key] = value;
    spec.labels[label_project] = project.name;
    spec.labels[label_service] = service.name;
    spec.labels[label_one_off] = "False";
    spec.labels[label_image] = image.id;
    spec.labels[label_version] = COMPOSE_VERSION;
    spec.labels[label_working_dir] = project.working_dir;
    spec.labels[label_config_files] = joined(project.files);
    if (!project.env_files.empty())
        spec.labels[label_environment_file] = joined(project.env_files);
    spec.labels[label_depends_on] = depends_on_label(service);
    spec.labels[label_config_hash] = recreation_hash(service, spec);
    return spec;
}

Blueprint make_blueprint(const compose::Project &project, const base::Paths &paths,
                         const std::string &separator,
                         const std::function<ImageInfo(const compose::Service &)> &image) {
    Blueprint blueprint;
    blueprint.desired.project = project.name;
    blueprint.desired.separator = separator;
    for (const auto &[name, service] : project.disabled_services)
        blueprint.desired.disabled.insert(name);
    add_networks(project, blueprint);
    add_volumes(project, blueprint);
    for (const auto &[name, service] : project.services) {
        container::Spec spec = make_spec(project, service, paths, image(service));
        blueprint.desired.services[name] = desired_of(service, spec);
        blueprint.services[name] = std::move(spec);
    }
    return blueprint;
}

} // namespace plan
