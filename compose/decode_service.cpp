#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"

namespace compose {

namespace {

// Absent and null leave the image's; an empty list clears it.
std::optional<std::vector<std::string>> words(const Node &node, std::string_view key) {
    const Node *list = node.find(key);
    if (list == nullptr || !list->is_sequence())
        return std::nullopt;
    return get_texts(node, key);
}

Environment environment(const Node &node) {
    Environment variables;
    for (const Member &member : members_of(node, "environment")) {
        const Node &value = member.value;
        variables.emplace(member.key, value.is_null() ? std::nullopt : std::optional(value.text));
    }
    return variables;
}

Logging logging(const Node &node) {
    Logging result;
    if (const Node *given = node.find("logging")) {
        result.driver = get_text(*given, "driver");
        result.options = get_map(*given, "options");
    }
    return result;
}

void decode_process(Service &service, const Node &node) {
    service.command = words(node, "command");
    service.entrypoint = words(node, "entrypoint");
    service.environment = environment(node);
    service.user = get_text(node, "user");
    service.group_add = get_texts(node, "group_add");
    service.working_dir = get_text(node, "working_dir");
    service.init = get_optional_boolean(node, "init");
    service.tty = get_boolean(node, "tty");
    service.stdin_open = get_boolean(node, "stdin_open");
    service.attach = get_boolean(node, "attach", true);
    service.ulimits = decode_ulimits(node);
    service.sysctls = get_map(node, "sysctls");
    service.logging = logging(node);
}

void decode_security(Service &service, const Node &node) {
    service.cap_add = get_texts(node, "cap_add");
    service.cap_drop = get_texts(node, "cap_drop");
    service.security_opt = get_texts(node, "security_opt");
    service.privileged = get_boolean(node, "privileged");
    service.read_only = get_boolean(node, "read_only");
    service.device_cgroup_rules = get_texts(node, "device_cgroup_rules");
    service.cgroup_parent = get_text(node, "cgroup_parent");
}

} // namespace

std::map<std::string, Ulimit> decode_ulimits(const Node &node) {
    std::map<std::string, Ulimit> limits;
    for (const Member &member : members_of(node, "ulimits")) {
        const Node &value = member.value;
        Ulimit limit;
        if (value.is_mapping()) {
            limit.soft = get_integer(value, "soft").value_or(0);
            limit.hard = get_integer(value, "hard").value_or(0);
        } else {
            limit.soft = limit.hard = get_integer(*node.find("ulimits"), member.key).value_or(0);
        }
        limits.emplace(member.key, limit);
    }
    return limits;
}

Service decode_service(const Member &member, const std::string &project_name) {
    const Node &node = member.value;
    Service service;
    service.name = member.key;
    service.location = member.key_location;
    if (const Node *build = node.find("build"))
        service.build = decode_build(*build);
    service.image = get_text(node, "image");
    if (service.image.empty() && service.build)
        service.image = project_name + "-" + member.key;
    service.pull_policy = get_text(node, "pull_policy");
    service.platform = get_text(node, "platform");
    service.container_name = get_text(node, "container_name");
    service.labels = get_map(node, "labels");
    service.annotations = get_map(node, "annotations");
    service.profiles = get_texts(node, "profiles");
    decode_process(service, node);
    decode_security(service, node);
    decode_attachments(service, node);
    decode_connections(service, node);
    decode_resources(service, node);
    decode_lifecycle(service, node);
    return service;
}

} // namespace compose
