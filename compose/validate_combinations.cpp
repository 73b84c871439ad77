#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

namespace compose {

namespace {

void exclusive(const ServiceView &service, std::string_view first, std::string_view second,
               const std::string &hint, Diagnostics &diagnostics) {
    const Node *a = service.find(first);
    const Node *b = service.find(second);
    if (a == nullptr || b == nullptr)
        return;
    diagnostics
        .error(service.node.key_location(second), service.path(second),
               std::string(first) + " and " + std::string(second) + " exclude each other", hint)
        .notes.push_back({service.node.key_location(first), std::string(first) + " is given here"});
}

// An attribute of the service and one below deploy that say the same thing.
struct Twin {
    std::string_view attribute;
    std::string_view group; // below deploy.resources; empty: deploy itself
    std::string_view twin;
};

constexpr Twin twins[] = {
    {"scale", "", "replicas"},
    {"cpus", "limits", "cpus"},
    {"mem_limit", "limits", "memory"},
    {"pids_limit", "limits", "pids"},
    {"mem_reservation", "reservations", "memory"},
};

bool same(const Node &a, const Node &b) {
    const auto left = read_number(a);
    const auto right = read_number(b);
    return left && right ? *left == *right : a.text == b.text;
}

void check_twins(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *deploy = service.find("deploy");
    if (deploy == nullptr)
        return;
    for (const Twin &pair : twins) {
        const Node *group = deploy;
        std::string path = "deploy";
        if (!pair.group.empty()) {
            const Node *resources = deploy->find("resources");
            group = resources == nullptr ? nullptr : resources->find(pair.group);
            path += ".resources." + std::string(pair.group);
        }
        path += "." + std::string(pair.twin);
        const Node *here = service.find(pair.attribute);
        const Node *there = group == nullptr ? nullptr : group->find(pair.twin);
        if (here == nullptr || there == nullptr || same(*here, *there))
            continue;
        diagnostics
            .error(there->location, service.path(path),
                   std::string(pair.attribute) + " and " + path + " differ",
                   "give one of them, or both the same value")
            .notes.push_back({here->location, std::string(pair.attribute) + " is given here"});
    }
}

void check_counts(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *deploy = service.find("deploy");
    const Node *scale = service.find("scale");
    const Node *replicas = deploy == nullptr ? nullptr : deploy->find("replicas");
    for (const Node *count : {scale, replicas})
        if (count != nullptr && read_integer(*count).value_or(0) < 0)
            diagnostics.error(count->location, service.path(),
                              "a service cannot have " + count->text + " containers", "0 stands for none");
    const Node *count = scale != nullptr ? scale : replicas;
    const Node *name = service.find("container_name");
    if (name == nullptr || count == nullptr || replicas_of(service.node) <= 1)
        return;
    diagnostics
        .error(name->location, service.path("container_name"),
               "container_name \"" + name->text + "\" cannot name " + count->text + " containers",
               "remove container_name: they are then PROJECT-" + service.name + "-1 and so on")
        .notes.push_back({count->location, "the number of containers is given here"});
}

void check_network_mode(const ServiceView &service, Diagnostics &diagnostics) {
    exclusive(service, "network_mode", "networks", "remove one of them", diagnostics);
    const Node *mode = service.find("network_mode");
    const Node *ports = service.find("ports");
    if (mode == nullptr || ports == nullptr || ports->items.empty())
        return;
    const bool shared = mode->text.starts_with("service:") || mode->text.starts_with("container:");
    if (mode->text != "host" && !shared)
        return;
    diagnostics.error(service.node.key_location("ports"), service.path("ports"),
                      "ports cannot be published with network_mode \"" + mode->text + "\"",
                      shared ? "publish them where the network namespace belongs"
                             : "the service's ports are the host's already: remove ports");
}

// As Docker: what is the host's or another container's is not to be had with ids of one's own.
void check_user_namespace(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *mode = service.find("userns_mode");
    if (mode == nullptr || (mode->text != "auto" && mode->text != "private"))
        return;
    const auto refuse = [&](std::string_view attribute, const Node &value, const std::string &hint) {
        diagnostics
            .error(value.location, service.path(attribute),
                   "userns_mode \"" + mode->text + "\" and " + std::string(attribute) + " \"" + value.text
                       + "\" exclude each other",
                   hint)
            .notes.push_back({mode->location, "the user namespace of its own is asked for here"});
    };
    if (const Node *privileged = service.find("privileged");
        privileged != nullptr && read_boolean(*privileged).value_or(false))
        refuse("privileged", *privileged,
               "remove userns_mode, or grant what the service needs with cap_add instead");
    for (const std::string_view attribute : {"network_mode", "pid", "ipc"}) {
        const Node *value = service.find(attribute);
        if (value != nullptr
            && (value->text == "host" || value->text.starts_with("service:")
                || value->text.starts_with("container:")))
            refuse(attribute, *value, "a user namespace of its own shares nothing: remove one of them");
    }
}

void check_device_requests(const ServiceView &service, Diagnostics &diagnostics) {
    const auto check = [&](const Node *requests, std::string_view path) {
        if (requests == nullptr)
            return;
        for (const Node &request : requests->items)
            if (request.find("count") != nullptr && request.find("device_ids") != nullptr)
                diagnostics.error(request.key_location("device_ids"), service.path(path),
                                  "count and device_ids exclude each other", "remove one of them");
    };
    check(service.find("gpus"), "gpus");
    const Node *deploy = service.find("deploy");
    const Node *resources = deploy == nullptr ? nullptr : deploy->find("resources");
    const Node *reservations = resources == nullptr ? nullptr : resources->find("reservations");
    if (reservations != nullptr)
        check(reservations->find("devices"), "deploy.resources.reservations.devices");
}

void check_watch(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *develop = service.find("develop");
    const Node *watch = develop == nullptr ? nullptr : develop->find("watch");
    if (watch == nullptr)
        return;
    for (const Node &trigger : watch->items) {
        const std::string action = text_of(&trigger, "action");
        const auto needs = [&](const char *attribute, const std::string &hint) {
            diagnostics.error(trigger.key_location("action"), service.path("develop.watch"),
                              "the action \"" + action + "\" needs " + attribute, hint);
        };
        if (const Node *path = trigger.find("path"); path != nullptr && path->text.empty())
            diagnostics.error(path->location, service.path("develop.watch"), "the path to watch is empty",
                              "name a file or a directory, . for the project's");
        if (action.starts_with("sync") && text_of(&trigger, "target").empty())
            needs("a target", "add target: the path in the container");
        if (action == "sync+exec" && trigger.find("exec") == nullptr)
            needs("exec", "add exec: with the command to run");
    }
}

} // namespace

void check_combinations(const ServiceView &service, Diagnostics &diagnostics) {
    check_device_requests(service, diagnostics);
    check_watch(service, diagnostics);
    check_network_mode(service, diagnostics);
    check_user_namespace(service, diagnostics);
    check_twins(service, diagnostics);
    check_counts(service, diagnostics);
}

} // namespace compose
