#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"

namespace compose {

namespace {

ServiceNetwork service_network(const Member &member) {
    const Node &node = member.value;
    ServiceNetwork result;
    result.location = member.key_location;
    result.aliases = get_texts(node, "aliases");
    result.ipv4_address = get_text(node, "ipv4_address");
    result.ipv6_address = get_text(node, "ipv6_address");
    result.link_local_ips = get_texts(node, "link_local_ips");
    result.mac_address = get_text(node, "mac_address");
    result.interface_name = get_text(node, "interface_name");
    result.driver_opts = get_map(node, "driver_opts");
    result.priority = static_cast<int>(get_integer(node, "priority").value_or(0));
    result.gw_priority = static_cast<int>(get_integer(node, "gw_priority").value_or(0));
    return result;
}

std::vector<std::string> links(const Node &node) {
    std::vector<std::string> result;
    for (const std::string &link : get_texts(node, "links"))
        result.push_back(link.find(':') == std::string::npos ? link + ":" + link : link);
    return result;
}

} // namespace

std::vector<std::pair<std::string, std::string>> decode_hosts(const Node &node) {
    std::vector<std::pair<std::string, std::string>> hosts;
    for (const std::string &host : get_texts(node, "extra_hosts")) {
        const auto equals = host.find('=');
        hosts.emplace_back(host.substr(0, equals), host.substr(equals + 1));
    }
    return hosts;
}

void decode_connections(Service &service, const Node &node) {
    service.hostname = get_text(node, "hostname");
    service.domainname = get_text(node, "domainname");
    service.mac_address = get_text(node, "mac_address");
    for (const Member &member : members_of(node, "networks"))
        service.networks.emplace(member.key, service_network(member));
    service.links = links(node);
    service.extra_hosts = decode_hosts(node);
    service.dns = get_texts(node, "dns");
    service.dns_search = get_texts(node, "dns_search");
    service.dns_opt = get_texts(node, "dns_opt");
    service.network_mode = get_namespace(node, "network_mode");
    service.pid = get_namespace(node, "pid");
    service.ipc = get_namespace(node, "ipc");
    service.uts = get_namespace(node, "uts");
    service.cgroup = get_namespace(node, "cgroup");
    service.userns = get_namespace(node, "userns_mode");
}

} // namespace compose
