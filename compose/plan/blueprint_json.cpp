#include "base/error.hpp"
#include "base/json.hpp"
#include "compose/plan/blueprint.hpp"

namespace plan {

namespace {

using base::Json;
using base::json_or;
using Strings = std::vector<std::string>;
using Map = std::map<std::string, std::string>;

std::string to_hex(const std::string &data) {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(data.size() * 2);
    for (const char c : data) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

std::string from_hex(const std::string &text) {
    std::string data;
    data.reserve(text.size() / 2);
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        data += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    return data;
}

Json gate_json(const Gate &gate) {
    return {{"service", gate.service},
            {"condition", to_string(gate.condition)},
            {"required", gate.required},
            {"restart", gate.restart}};
}

Gate gate_of(const Json &json) {
    Gate gate{.service = json_or<std::string>(json, "service", ""),
              .required = json_or<bool>(json, "required", true),
              .restart = json_or<bool>(json, "restart", false)};
    const auto condition = json_or<std::string>(json, "condition", "");
    gate.condition = condition == "healthy"     ? GateCondition::healthy
                     : condition == "completed" ? GateCondition::completed
                                                : GateCondition::started;
    return gate;
}

Json service_json(const DesiredService &service) {
    Json gates = Json::array();
    for (const Gate &gate : service.depends_on)
        gates.push_back(gate_json(gate));
    return {{"replicas", service.replicas}, {"container_name", service.container_name},
            {"hash", service.hash},         {"image", service.image},
            {"depends_on", gates},          {"networks", service.networks},
            {"volumes", service.volumes},   {"donors", service.donors}};
}

DesiredService service_of(const std::string &name, const Json &json) {
    DesiredService service{.name = name,
                           .replicas = json_or<int>(json, "replicas", 1),
                           .container_name = json_or<std::string>(json, "container_name", ""),
                           .hash = json_or<std::string>(json, "hash", ""),
                           .image = json_or<std::string>(json, "image", ""),
                           .networks = json_or<Strings>(json, "networks", {}),
                           .volumes = json_or<Strings>(json, "volumes", {}),
                           .donors = json_or<std::set<std::string>>(json, "donors", {})};
    for (const Json &gate : json.at("depends_on"))
        service.depends_on.push_back(gate_of(gate));
    return service;
}

template <typename T>
Json resource_json(const std::vector<T> &resources) {
    Json array = Json::array();
    for (const T &resource : resources)
        array.push_back({{"name", resource.name}, {"hash", resource.hash}, {"external", resource.external}});
    return array;
}

template <typename T>
std::vector<T> resources_of(const Json &json) {
    std::vector<T> resources;
    for (const Json &item : json)
        resources.push_back({json_or<std::string>(item, "name", ""), json_or<std::string>(item, "hash", ""),
                             json_or<bool>(item, "external", false)});
    return resources;
}

Json network_json(const NetworkBlueprint &network) {
    return {{"key", network.key},           {"driver", network.driver},
            {"options", network.options},   {"labels", network.labels},
            {"internal", network.internal}, {"attachable", network.attachable},
            {"subnet", network.subnet},     {"gateway", network.gateway},
            {"ip_range", network.ip_range}, {"aux_addresses", network.aux_addresses}};
}

NetworkBlueprint network_of(const std::string &name, const Json &json) {
    return {.key = json_or<std::string>(json, "key", ""),
            .name = name,
            .driver = json_or<std::string>(json, "driver", ""),
            .options = json_or<Map>(json, "options", {}),
            .labels = json_or<Map>(json, "labels", {}),
            .internal = json_or<bool>(json, "internal", false),
            .attachable = json_or<bool>(json, "attachable", false),
            .subnet = json_or<std::string>(json, "subnet", ""),
            .gateway = json_or<std::string>(json, "gateway", ""),
            .ip_range = json_or<std::string>(json, "ip_range", ""),
            .aux_addresses = json_or<Map>(json, "aux_addresses", {})};
}

Json volume_json(const VolumeBlueprint &volume) {
    return {{"key", volume.key},
            {"driver", volume.driver},
            {"options", volume.options},
            {"labels", volume.labels}};
}

VolumeBlueprint volume_of(const std::string &name, const Json &json) {
    return {json_or<std::string>(json, "key", ""), name, json_or<std::string>(json, "driver", ""),
            json_or<Map>(json, "options", {}), json_or<Map>(json, "labels", {})};
}

} // namespace

Json spec_with_files(const container::Spec &spec) {
    Json json = container::to_json(spec);
    Json contents = Json::array();
    for (const container::GrantedFile &file : spec.files)
        contents.push_back(to_hex(file.content));
    return {{"spec", json}, {"contents", contents}};
}

container::Spec spec_with_files(const Json &json) {
    container::Spec spec = container::spec_from_json(json.at("spec"));
    const auto contents = json_or<Strings>(json, "contents", {});
    for (std::size_t i = 0; i < spec.files.size() && i < contents.size(); ++i)
        spec.files[i].content = from_hex(contents[i]);
    return spec;
}

Json to_json(const Blueprint &blueprint) {
    Json services = Json::object();
    for (const auto &[name, service] : blueprint.desired.services)
        services[name] = service_json(service);
    Json specs = Json::object();
    for (const auto &[name, spec] : blueprint.services)
        specs[name] = spec_with_files(spec);
    Json networks = Json::object();
    for (const auto &[name, network] : blueprint.networks)
        networks[name] = network_json(network);
    Json volumes = Json::object();
    for (const auto &[name, volume] : blueprint.volumes)
        volumes[name] = volume_json(volume);
    return {{"project", blueprint.desired.project},
            {"separator", blueprint.desired.separator},
            {"services", services},
            {"disabled", blueprint.desired.disabled},
            {"desired_networks", resource_json(blueprint.desired.networks)},
            {"desired_volumes", resource_json(blueprint.desired.volumes)},
            {"specs", specs},
            {"networks", networks},
            {"volumes", volumes}};
}

Blueprint blueprint_from_json(const Json &json) {
    try {
        Blueprint blueprint;
        blueprint.desired.project = json.at("project").get<std::string>();
        blueprint.desired.separator = json_or<std::string>(json, "separator", "-");
        for (const auto &[name, service] : json.at("services").items())
            blueprint.desired.services[name] = service_of(name, service);
        blueprint.desired.disabled = json_or<std::set<std::string>>(json, "disabled", {});
        blueprint.desired.networks = resources_of<DesiredNetwork>(json.at("desired_networks"));
        blueprint.desired.volumes = resources_of<DesiredVolume>(json.at("desired_volumes"));
        for (const auto &[name, spec] : json.at("specs").items())
            blueprint.services[name] = spec_with_files(spec);
        for (const auto &[name, network] : json.at("networks").items())
            blueprint.networks[name] = network_of(name, network);
        for (const auto &[name, volume] : json.at("volumes").items())
            blueprint.volumes[name] = volume_of(name, volume);
        return blueprint;
    } catch (const nlohmann::json::exception &error) {
        throw base::Error(std::string("the project could not be read: ") + error.what(),
                          "command and supervisor may be of different versions: take the project down first");
    }
}

} // namespace plan
