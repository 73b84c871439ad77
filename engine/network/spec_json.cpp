#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/network/spec.hpp"

#include <fmt/format.h>

namespace network {

using base::Json;

namespace {

constexpr int version = 1;

// Reads the members of one object; everything wrong is reported with the member's name.
class Reader {
  public:
    Reader(const Json &json, const std::string &subject) : json_(json), subject_(subject) {
        if (!json.is_object())
            throw base::Error(subject + ": not a JSON object");
    }

    void check_version() const {
        const int found = get<int>("version", version);
        if (found > version)
            throw base::Error(fmt::format("{}: version {} is newer than this program", subject_, found),
                              "upgrade compose");
    }

    template <typename T>
    T get(const char *key, T fallback = {}) const {
        const auto found = json_.find(key);
        if (found == json_.end() || found->is_null())
            return fallback;
        auto value = base::json_as<T>(*found);
        if (!value)
            refuse(key);
        return std::move(*value);
    }

    template <typename T>
    std::optional<T> parsed(const char *key) const {
        const auto text = get<std::string>(key);
        if (text.empty())
            return std::nullopt;
        const auto value = T::parse(text);
        if (!value)
            refuse(key);
        return value;
    }

    template <typename T>
    T required(const char *key) const {
        const auto value = parsed<T>(key);
        if (!value)
            refuse(key);
        return *value;
    }

    [[nodiscard]] const Json &member(const char *key) const {
        static const Json nothing = Json::object();
        const auto found = json_.find(key);
        return found == json_.end() ? nothing : *found;
    }

    [[nodiscard]] std::string path(const std::string &key) const { return subject_ + ": " + key; }

    [[noreturn]] void refuse(const std::string &key) const {
        throw base::Error(fmt::format("{}: member \"{}\" is missing or has a wrong value", subject_, key));
    }

  private:
    const Json &json_;
    const std::string &subject_;
};

template <typename T>
void put_text(Json &json, const char *key, const std::optional<T> &value) {
    if (value)
        json[key] = value->text();
}

Json spec_json(const NetworkSpec &spec) {
    Json json{
        {"name", spec.name},         {"project", spec.project},       {"key", spec.key},
        {"labels", spec.labels},     {"driver", spec.driver},         {"driver_opts", spec.driver_opts},
        {"internal", spec.internal}, {"attachable", spec.attachable}, {"enable_ipv6", spec.enable_ipv6}};
    put_text(json, "subnet", spec.subnet);
    put_text(json, "gateway", spec.gateway);
    put_text(json, "ip_range", spec.ip_range);
    for (const auto &[name, address] : spec.aux_addresses)
        json["aux_addresses"][name] = address.text();
    return json;
}

NetworkSpec spec_from_json(const Json &json, const std::string &subject) {
    const Reader reader(json, subject);
    NetworkSpec spec;
    spec.name = reader.get<std::string>("name");
    spec.project = reader.get<std::string>("project");
    spec.key = reader.get<std::string>("key");
    spec.labels = reader.get<std::map<std::string, std::string>>("labels");
    spec.driver = reader.get<std::string>("driver", spec.driver);
    spec.driver_opts = reader.get<std::map<std::string, std::string>>("driver_opts");
    spec.internal = reader.get<bool>("internal");
    spec.attachable = reader.get<bool>("attachable");
    spec.enable_ipv6 = reader.get<bool>("enable_ipv6");
    spec.subnet = reader.parsed<Prefix>("subnet");
    spec.gateway = reader.parsed<IpAddress>("gateway");
    spec.ip_range = reader.parsed<Prefix>("ip_range");
    const std::string aux_path = reader.path("aux_addresses");
    const Reader aux(reader.member("aux_addresses"), aux_path);
    for (const auto &[name, address] : reader.member("aux_addresses").items())
        spec.aux_addresses[name] = aux.required<IpAddress>(name.c_str());
    return spec;
}

Json lease_json(const Lease &lease) {
    Json json{{"address", lease.address.text()},
              {"mac", lease.mac},
              {"container_id", lease.container_id},
              {"host_link", lease.host_link}};
    if (!lease.container_name.empty())
        json["container_name"] = lease.container_name;
    if (!lease.aliases.empty())
        json["aliases"] = lease.aliases;
    return json;
}

Lease lease_from_json(const Json &json, const std::string &subject) {
    const Reader reader(json, subject);
    return {reader.required<IpAddress>("address"),     reader.get<std::string>("mac"),
            reader.get<std::string>("container_id"),   reader.get<std::string>("host_link"),
            reader.get<std::string>("container_name"), reader.get<std::vector<std::string>>("aliases")};
}

} // namespace

Json to_json(const Network &network) {
    Json json{{"version", version}, {"id", network.id}, {"spec", spec_json(network.spec)}};
    json["bridge"] = network.bridge;
    json["subnet"] = network.subnet.text();
    json["gateway"] = network.gateway.text();
    json["created"] = base::format_rfc3339(network.created);
    json["leases"] = Json::object();
    for (const auto &[owner, lease] : network.leases)
        json["leases"][owner] = lease_json(lease);
    return json;
}

Network network_from_json(const Json &json, const std::string &subject) {
    const Reader reader(json, subject);
    reader.check_version();
    Network network;
    network.spec = spec_from_json(reader.member("spec"), reader.path("spec"));
    network.id = reader.get<std::string>("id");
    network.bridge = reader.get<std::string>("bridge");
    network.subnet = reader.required<Prefix>("subnet");
    network.gateway = reader.required<IpAddress>("gateway");
    const auto created = base::parse_rfc3339(reader.get<std::string>("created"));
    if (!created)
        reader.refuse("created");
    network.created = *created;
    const std::string leases_path = reader.path("leases");
    const Reader leases(reader.member("leases"), leases_path);
    for (const auto &[owner, lease] : reader.member("leases").items())
        network.leases[owner] = lease_from_json(lease, leases.path(owner));
    return network;
}

Json to_json(const Endpoint &endpoint) {
    Json json{{"network", endpoint.network},
              {"container_id", endpoint.container_id},
              {"lease_owner", endpoint.lease_owner},
              {"address", endpoint.address.text()},
              {"prefix_length", endpoint.prefix_length},
              {"mac", endpoint.mac},
              {"host_link", endpoint.host_link},
              {"interface", endpoint.interface}};
    put_text(json, "gateway", endpoint.gateway);
    return json;
}

Endpoint endpoint_from_json(const Json &json, const std::string &subject) {
    const Reader reader(json, subject);
    Endpoint endpoint;
    endpoint.network = reader.get<std::string>("network");
    endpoint.container_id = reader.get<std::string>("container_id");
    endpoint.lease_owner = reader.get<std::string>("lease_owner");
    endpoint.address = reader.required<IpAddress>("address");
    endpoint.prefix_length = reader.get<int>("prefix_length");
    endpoint.gateway = reader.parsed<IpAddress>("gateway");
    endpoint.mac = reader.get<std::string>("mac");
    endpoint.host_link = reader.get<std::string>("host_link");
    endpoint.interface = reader.get<std::string>("interface");
    return endpoint;
}

Json to_json(const PublishedPort &port) {
    return {{"host_ip", port.host_ip},
            {"host_first", port.host_first},
            {"host_last", port.host_last},
            {"container_port", port.container_port},
            {"protocol", port.protocol}};
}

PublishedPort port_from_json(const Json &json, const std::string &subject) {
    const Reader reader(json, subject);
    return {reader.get<std::string>("host_ip"), reader.get<std::uint16_t>("host_first"),
            reader.get<std::uint16_t>("host_last"), reader.get<std::uint16_t>("container_port"),
            reader.get<std::string>("protocol", "tcp")};
}

Json to_json(const Publication &publication) {
    Json json{{"version", version},
              {"container_id", publication.container_id},
              {"container_name", publication.container_name},
              {"project", publication.project},
              {"network", publication.network},
              {"target", publication.target.text()}};
    json["ports"] = Json::array();
    for (const auto &port : publication.ports)
        json["ports"].push_back(to_json(port));
    return json;
}

Publication publication_from_json(const Json &json, const std::string &subject) {
    const Reader reader(json, subject);
    reader.check_version();
    Publication publication;
    publication.container_id = reader.get<std::string>("container_id");
    publication.container_name = reader.get<std::string>("container_name");
    publication.project = reader.get<std::string>("project");
    publication.network = reader.get<std::string>("network");
    publication.target = reader.required<IpAddress>("target");
    for (const auto &port : reader.member("ports"))
        publication.ports.push_back(port_from_json(port, reader.path("ports")));
    return publication;
}

} // namespace network
