#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"

namespace compose {

namespace {

Port port(const Node &node) {
    Port result;
    result.location = node.location;
    result.target = static_cast<std::uint16_t>(get_integer(node, "target").value_or(0));
    result.published = get_text(node, "published");
    result.host_ip = get_text(node, "host_ip");
    result.protocol = get_text(node, "protocol", "tcp");
    result.mode = get_text(node, "mode", "ingress");
    result.name = get_text(node, "name");
    result.app_protocol = get_text(node, "app_protocol");
    return result;
}

Mount mount(const Node &node) {
    static const std::map<std::string, Mount::Type> types{
        {"bind", Mount::Type::bind}, {"volume", Mount::Type::volume}, {"tmpfs", Mount::Type::tmpfs}};
    Mount result;
    result.location = node.location;
    if (const auto type = types.find(get_text(node, "type")); type != types.end())
        result.type = type->second;
    result.source = get_text(node, "source");
    result.target = get_text(node, "target");
    result.read_only = get_boolean(node, "read_only");
    if (const Node *bind = node.find("bind")) {
        result.bind.propagation = get_text(*bind, "propagation");
        result.bind.create_host_path = get_boolean(*bind, "create_host_path", true);
        result.bind.selinux = get_text(*bind, "selinux");
        result.bind.recursive = get_text(*bind, "recursive");
    }
    if (const Node *volume = node.find("volume")) {
        result.nocopy = get_boolean(*volume, "nocopy");
        result.subpath = get_text(*volume, "subpath");
    }
    if (const Node *tmpfs = node.find("tmpfs")) {
        result.tmpfs_size = get_bytes(*tmpfs, "size");
        if (const auto mode = get_integer(*tmpfs, "mode"))
            result.tmpfs_mode = static_cast<std::uint32_t>(*mode);
    }
    return result;
}

// A relative target is below the directory, which is also where it is by default.
FileGrant grant(const Node &node, const std::string &directory) {
    FileGrant result;
    result.location = node.location;
    result.source = get_text(node, "source");
    result.target = get_text(node, "target", result.source);
    if (!result.target.starts_with('/'))
        result.target = directory + result.target;
    result.uid = get_optional_text(node, "uid");
    result.gid = get_optional_text(node, "gid");
    if (const auto mode = get_integer(node, "mode"))
        result.mode = static_cast<std::uint32_t>(*mode);
    return result;
}

Device device(const Node &node) {
    Device result;
    result.location = node.location;
    result.source = get_text(node, "source");
    result.target = get_text(node, "target", result.source);
    result.permissions = get_text(node, "permissions", "rwm");
    return result;
}

} // namespace

void decode_attachments(Service &service, const Node &node) {
    for (const Node &item : items_of(node, "ports"))
        service.ports.push_back(port(item));
    service.expose = get_texts(node, "expose");
    for (const Node &item : items_of(node, "volumes"))
        service.volumes.push_back(mount(item));
    service.tmpfs = get_texts(node, "tmpfs");
    for (const Node &item : items_of(node, "secrets"))
        service.secrets.push_back(grant(item, "/run/secrets/"));
    for (const Node &item : items_of(node, "configs"))
        service.configs.push_back(grant(item, "/"));
    for (const Node &item : items_of(node, "devices"))
        service.devices.push_back(device(item));
}

} // namespace compose
