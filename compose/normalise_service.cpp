#include "compose/normalise_steps.hpp"

#include <array>

namespace compose {

namespace {

void set_missing(Node &object, const char *key, Node value) {
    if (object.find(key) == nullptr)
        object.set(key, std::move(value));
}

// A dependency that another attribute implies; it has no key in a file, which tells it from a written one.
void depend_on(Node &service, const std::string &name, const Location &at, bool restart = true) {
    if (service.find("depends_on") == nullptr)
        service.set("depends_on", Node::mapping(at), at);
    Node &dependencies = *service.find("depends_on");
    if (!dependencies.is_mapping() || dependencies.find(name) != nullptr)
        return;
    Node dependency = Node::mapping(at);
    dependency.set("condition", Node::string("service_started", at));
    dependency.set("restart", Node::boolean(restart, at));
    dependency.set("required", Node::boolean(true, at));
    dependencies.set(name, std::move(dependency));
}

void add_implicit_dependencies(Node &service) {
    if (const Node *links = service.find("links")) {
        const std::vector<Node> items = links->items;
        for (const Node &link : items)
            depend_on(service, link.text.substr(0, link.text.find(':')), link.location);
    }
    if (const Node *donors = service.find("volumes_from")) {
        const std::vector<Node> items = donors->items;
        for (const Node &donor : items)
            if (!donor.text.starts_with("container:"))
                depend_on(service, donor.text.substr(0, donor.text.find(':')), donor.location, false);
    }
    static constexpr std::array namespaces{"network_mode", "ipc", "pid", "uts", "cgroup"};
    for (const char *attribute : namespaces) {
        const Node *mode = service.find(attribute);
        if (mode == nullptr || !mode->text.starts_with("service:"))
            continue;
        const Location at = mode->location;
        depend_on(service, mode->text.substr(8), at);
    }
}

void request_all_devices(Node *requests) {
    if (requests == nullptr)
        return;
    for (Node &request : requests->items)
        if (request.is_mapping() && request.find("device_ids") == nullptr)
            set_missing(request, "count", Node::integer(-1, request.location));
}

// What a file leaves out another one, or a service that is extended, may have said.
void require_condition(const Member &dependency, const std::string &path, Diagnostics &diagnostics) {
    const Node &value = dependency.value;
    if (value.find("condition") == nullptr)
        diagnostics.error(value.location, join_path(path, dependency.key),
                          dependency.key + " has no condition", "add condition: service_started");
}

} // namespace

void fill_defaults(Node &service, const std::string &path, Diagnostics &diagnostics) {
    if (Node *dependencies = service.find("depends_on"))
        for (Member &member : dependencies->members) {
            Node &dependency = member.value;
            if (!dependency.is_mapping())
                continue;
            require_condition(member, path + ".depends_on", diagnostics);
            set_missing(dependency, "condition", Node::string("service_started", member.key_location));
            set_missing(dependency, "required", Node::boolean(true, member.key_location));
        }
    if (Node *secrets = service.find("secrets"))
        for (Node &grant : secrets->items) {
            const Node *source = grant.find("source");
            if (source != nullptr && grant.find("target") == nullptr) {
                const Node target = Node::string("/run/secrets/" + source->text, source->location);
                grant.set("target", target);
            }
        }
    if (Node *build = service.find("build"); build != nullptr && build->is_mapping())
        set_missing(*build, "context", Node::string(".", build->location));
    if (Node *ports = service.find("ports"))
        for (Node &port : ports->items)
            if (port.is_mapping()) {
                set_missing(port, "mode", Node::string("ingress", port.location));
                set_missing(port, "protocol", Node::string("tcp", port.location));
            }
    const Node *scale = service.find("scale");
    Node *deploy = service.find("deploy");
    if (scale != nullptr && deploy != nullptr && deploy->is_mapping()) {
        const Node replicas = *scale;
        set_missing(*deploy, "replicas", replicas);
    }
    request_all_devices(service.find("gpus"));
    const Node *resources = deploy == nullptr ? nullptr : deploy->find("resources");
    Node *reservations = resources == nullptr ? nullptr : deploy->find("resources")->find("reservations");
    request_all_devices(reservations == nullptr ? nullptr : reservations->find("devices"));
}

void complete_service(Node &service) {
    if (Node *build = service.find("build"); build != nullptr && build->is_mapping())
        if (build->find("dockerfile") == nullptr && build->find("dockerfile_inline") == nullptr)
            build->set("dockerfile", Node::string("Dockerfile", build->location));

    Node *networks = service.find("networks");
    const bool none = networks == nullptr || networks->is_null() || networks->members.empty();
    const Node *mode = service.find("network_mode");
    if (none && mode == nullptr) {
        Node defaults = Node::mapping();
        defaults.set("default", Node::null());
        service.set("networks", std::move(defaults));
    } else if (none) {
        service.erase("networks");
    }
    add_implicit_dependencies(service);
}

} // namespace compose
