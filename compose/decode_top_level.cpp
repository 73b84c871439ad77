#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"

namespace compose {

Network decode_network(const Member &member) {
    const Node &node = member.value;
    Network network;
    network.key = member.key;
    network.name = get_text(node, "name", member.key);
    network.location = member.key_location;
    network.driver = get_text(node, "driver");
    network.driver_opts = get_map(node, "driver_opts");
    network.external = get_boolean(node, "external");
    network.internal = get_boolean(node, "internal");
    network.attachable = get_boolean(node, "attachable");
    network.enable_ipv4 = get_optional_boolean(node, "enable_ipv4");
    network.enable_ipv6 = get_optional_boolean(node, "enable_ipv6");
    if (const Node *ipam = node.find("ipam"))
        for (const Node &item : items_of(*ipam, "config"))
            network.ipam.push_back({get_text(item, "subnet"), get_text(item, "ip_range"),
                                    get_text(item, "gateway"), get_map(item, "aux_addresses")});
    network.labels = get_map(node, "labels");
    return network;
}

Volume decode_volume(const Member &member) {
    const Node &node = member.value;
    Volume volume;
    volume.key = member.key;
    volume.name = get_text(node, "name", member.key);
    volume.location = member.key_location;
    volume.driver = get_text(node, "driver");
    volume.driver_opts = get_map(node, "driver_opts");
    volume.external = get_boolean(node, "external");
    volume.labels = get_map(node, "labels");
    return volume;
}

FileObject decode_file_object(const Member &member, std::string_view element,
                              const NormaliseContext &context) {
    const Node &node = member.value;
    FileObject object;
    object.key = member.key;
    object.name = get_text(node, "name", member.key);
    object.location = member.key_location;
    object.external = get_boolean(node, "external");
    object.labels = get_map(node, "labels");
    if (const auto variable = get_optional_text(node, "environment")) {
        object.from = FileObject::From::environment;
        object.value = *variable;
        if (const auto found = context.environment.find(*variable); found != context.environment.end())
            object.content = found->second;
        else if (const auto included =
                     context.included_contents.find(join_path(std::string(element), member.key));
                 included != context.included_contents.end())
            object.content = included->second;
    } else if (const auto text = get_optional_text(node, "content")) {
        object.from = FileObject::From::content;
        object.value = *text;
        object.content = *text;
    } else {
        object.value = get_text(node, "file");
    }
    return object;
}

} // namespace compose
