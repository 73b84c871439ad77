#include "supervisor/request_options.hpp"

#include "base/json.hpp"
#include "compose/plan/order.hpp"

#include <fmt/format.h>

#include <csignal>

namespace supervisor {

using base::Json;
using base::json_or;
using Names = std::set<std::string>;
using Strings = std::vector<std::string>;

namespace {

std::map<std::string, int> scale_of(const Json &body) {
    std::map<std::string, int> scale;
    const auto numbers = json_or<Json>(body, "scale", Json::object());
    for (const auto &[service, number] : numbers.items())
        if (const auto count = base::json_as<int>(number))
            scale[service] = *count;
    return scale;
}

} // namespace

plan::UpPolicy up_policy(const Json &body) {
    const auto recreate = [&](const char *key) {
        const auto text = json_or<std::string>(body, key, "diverged");
        return text == "always"  ? plan::Recreate::always
               : text == "never" ? plan::Recreate::never
                                 : plan::Recreate::diverged;
    };
    return {.targets = json_or<Names>(body, "services", {}),
            .run_service = json_or<std::string>(body, "run_service", ""),
            .with_dependencies = !json_or<bool>(body, "no_deps", false),
            .targeted = recreate("recreate"),
            .dependencies = recreate("recreate_dependencies"),
            .start = !json_or<bool>(body, "no_start", false),
            .remove_orphans = json_or<bool>(body, "remove_orphans", false),
            .recreate_volumes = json_or<bool>(body, "recreate_volumes", false),
            .scale = scale_of(body)};
}

plan::Selection selection_of(const Json &body) {
    return {.services = json_or<Names>(body, "services", {}),
            .one_offs = json_or<bool>(body, "one_offs", false),
            .ids = json_or<Names>(body, "ids", {})};
}

plan::DownPolicy down_policy(const Json &body) {
    return {.selection = selection_of(body),
            .known = json_or<Names>(body, "known", {}),
            .remove_orphans = json_or<bool>(body, "remove_orphans", false),
            .networks = json_or<Strings>(body, "networks", {}),
            .volumes = json_or<Strings>(body, "volumes", {})};
}

SessionOptions session_options(const Json &body) {
    SessionOptions options;
    if (body.contains("timeout"))
        options.grace = std::chrono::seconds(json_or<int>(body, "timeout", 0));
    options.signal = json_or<int>(body, "signal", SIGKILL);
    options.renew_volumes = json_or<bool>(body, "renew_volumes", false);
    options.anonymous_volumes = json_or<bool>(body, "anonymous_volumes", false);
    return options;
}

std::vector<plan::Gate> gates_of_run(const Json &body, const plan::Blueprint &blueprint,
                                     const std::string &service) {
    const auto found = blueprint.desired.services.find(service);
    if (json_or<bool>(body, "no_deps", false) || found == blueprint.desired.services.end())
        return {};
    return found->second.depends_on;
}

std::set<std::string> services_in_scope(const plan::Desired &desired, const plan::UpPolicy &policy) {
    plan::Edges edges;
    for (const auto &[name, service] : desired.services) {
        edges[name] = service.donors;
        for (const plan::Gate &gate : service.depends_on)
            edges[name].insert(gate.service);
    }
    Names names = policy.targets;
    if (names.empty())
        for (const auto &[name, service] : desired.services)
            names.insert(name);
    return policy.with_dependencies ? plan::closure(edges, names) : names;
}

WaitVerdict judge_wait(const Replica &replica) {
    const StateRecord &state = replica.state;
    switch (state.status) {
    case plan::Status::running:
    case plan::Status::paused:
        if (!replica.has_health_check)
            return {.ready = true, .text = "Running"};
        if (state.health == plan::Health::unhealthy)
            return {.failed = true, .text = fmt::format("container {} is unhealthy", replica.name)};
        return {.ready = state.health == plan::Health::healthy,
                .text = state.health == plan::Health::healthy ? "Healthy" : "Waiting"};
    case plan::Status::exited:
    case plan::Status::dead:
        // A job that did its work is what the user wanted.
        if (state.exit_code == 0)
            return {.ready = true, .text = "Exited"};
        return {.failed = true,
                .text = fmt::format("container {} exited ({})", replica.name, state.exit_code)};
    default:
        return {.text = "Waiting"};
    }
}

std::string orphan_warning(const std::string &project, const std::vector<std::string> &names) {
    std::string list;
    for (const std::string &name : names)
        list += (list.empty() ? "" : ", ") + name;
    return fmt::format(
        "Found orphan containers ({}) for this project. If you removed or renamed this service in your "
        "compose file, you can run this command with the --remove-orphans flag to clean it up. (project {})",
        list, project);
}

void declare_names(Project &project, const plan::Desired &desired, dns::Standing standing) {
    project.runtime().dns.update([&](dns::Zone &zone) {
        for (const auto &[name, service] : desired.services)
            for (const std::string &network : service.networks)
                zone.declare(network, name, standing);
    });
}

} // namespace supervisor
