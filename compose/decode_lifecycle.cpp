#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"

#include <charconv>

namespace compose {

namespace {

std::optional<int> get_count(const Node &node, std::string_view key) {
    const auto value = get_integer(node, key);
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

Dependency dependency(const Member &member) {
    static const std::map<std::string, Condition> conditions{
        {"service_started", Condition::started},
        {"service_healthy", Condition::healthy},
        {"service_completed_successfully", Condition::completed_successfully}};
    const Node &node = member.value;
    Dependency result;
    // What another attribute implies has no key in a file.
    result.implicit = !member.key_location.known();
    result.location = result.implicit ? node.location : member.key_location;
    if (const auto condition = conditions.find(get_text(node, "condition")); condition != conditions.end())
        result.condition = condition->second;
    result.restart = get_boolean(node, "restart");
    result.required = get_boolean(node, "required", true);
    return result;
}

Healthcheck healthcheck(const Node &node) {
    Healthcheck result;
    result.location = node.location;
    result.test = get_texts(node, "test");
    result.disable = get_boolean(node, "disable") || (!result.test.empty() && result.test.front() == "NONE");
    result.interval = get_duration(node, "interval");
    result.timeout = get_duration(node, "timeout");
    result.start_period = get_duration(node, "start_period");
    result.start_interval = get_duration(node, "start_interval");
    result.retries = get_count(node, "retries");
    return result;
}

RestartPolicy restart(const std::string &text) {
    using Policy = RestartPolicy::Kind;
    RestartPolicy policy;
    if (text == "always")
        policy.kind = Policy::always;
    else if (text == "unless-stopped")
        policy.kind = Policy::unless_stopped;
    else if (text.starts_with("on-failure"))
        policy.kind = Policy::on_failure;
    if (const auto colon = text.find(':'); colon != std::string::npos)
        std::from_chars(text.data() + colon + 1, text.data() + text.size(), policy.max_attempts);
    return policy;
}

DeployRestartPolicy deploy_restart(const Node &node) {
    using On = DeployRestartPolicy::Condition;
    DeployRestartPolicy policy;
    const std::string condition = get_text(node, "condition", "any");
    policy.condition = condition == "none" || condition == "no" ? On::none
                       : condition == "on-failure"              ? On::on_failure
                                                                : On::any;
    policy.delay = get_duration(node, "delay");
    policy.max_attempts = get_count(node, "max_attempts");
    policy.window = get_duration(node, "window");
    return policy;
}

} // namespace

void decode_lifecycle(Service &service, const Node &node) {
    for (const Member &member : members_of(node, "depends_on"))
        service.depends_on.emplace(member.key, dependency(member));
    if (const Node *given = node.find("healthcheck"))
        service.healthcheck = healthcheck(*given);
    service.restart = restart(get_text(node, "restart"));
    if (const Node *deploy = node.find("deploy"))
        if (const Node *policy = deploy->find("restart_policy")) {
            service.deploy_restart = deploy_restart(*policy);
            // Which of the two that restart after any exit it is, the service's own policy tells.
            if (get_text(*policy, "condition") == "unless-stopped")
                service.restart.kind = RestartPolicy::Kind::unless_stopped;
            else if (service.restart.kind == RestartPolicy::Kind::unless_stopped)
                service.restart.kind = RestartPolicy::Kind::always;
        }
    service.stop_signal = get_text(node, "stop_signal");
    service.stop_grace_period = get_duration(node, "stop_grace_period");
}

} // namespace compose
