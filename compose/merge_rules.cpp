#include "compose/merge_rules.hpp"

#include "compose/clean_path.hpp"

#include <span>
#include <string_view>

namespace compose {

namespace {

std::string text_of(const Node &item, std::string_view attribute, std::string_view otherwise = {}) {
    const Node *value = item.find(attribute);
    return std::string(value != nullptr && value->is_scalar() ? std::string_view(value->text) : otherwise);
}

std::string port_key(const Node &item) {
    if (item.is_scalar()) // as written, with variables
        return item.text;
    return text_of(item, "host_ip", "0.0.0.0") + ":" + text_of(item, "published") + ":"
           + text_of(item, "target") + "/" + text_of(item, "protocol", "tcp");
}

std::string target_key(const Node &item) {
    return clean_path(text_of(item, "target"));
}

std::string granted_key(const Node &item, const std::string &directory) {
    const std::string target = text_of(item, "target", text_of(item, "source"));
    return clean_path(target.starts_with('/') ? target : directory + target);
}

std::string secret_key(const Node &item) {
    return granted_key(item, "/run/secrets/");
}

std::string config_key(const Node &item) {
    return granted_key(item, "/");
}

std::string path_key(const Node &item) {
    return text_of(item, "path");
}

std::string subnet_key(const Node &item) {
    return text_of(item, "subnet");
}

std::string mount_path_key(const Node &item) {
    return clean_path(item.text.substr(0, item.text.find(':')));
}

using enum MergeMethod;

constexpr MergeRule deep_rule{"", deep};

constexpr MergeRule table[] = {
    {"networks.*.ipam.config", keyed_deep, subnet_key},
    {"networks.*.ipam.options", scalars},
    {"networks.*.labels", scalars},
    {"volumes.*.labels", scalars},
    {"secrets.*.labels", scalars},
    {"configs.*.labels", scalars},
    {"services.*.annotations", scalars},
    {"services.*.blkio_config.device_read_bps", keyed, path_key},
    {"services.*.blkio_config.device_read_iops", keyed, path_key},
    {"services.*.blkio_config.device_write_bps", keyed, path_key},
    {"services.*.blkio_config.device_write_iops", keyed, path_key},
    {"services.*.blkio_config.weight_device", keyed, path_key},
    {"services.*.build.additional_contexts", scalars},
    {"services.*.build.args", scalars},
    {"services.*.build.extra_hosts", keyed},
    {"services.*.build.labels", scalars},
    {"services.*.build.tags", keyed},
    {"services.*.build.ulimits.*", mappings},
    {"services.*.cap_add", keyed},
    {"services.*.cap_drop", keyed},
    {"services.*.command", replace},
    {"services.*.configs", keyed, config_key},
    {"services.*.deploy.labels", scalars},
    {"services.*.device_cgroup_rules", keyed},
    {"services.*.devices", keyed, target_key},
    {"services.*.dns", keyed},
    {"services.*.dns_opt", keyed},
    {"services.*.dns_search", keyed},
    {"services.*.entrypoint", replace},
    {"services.*.env_file", keyed, path_key},
    {"services.*.environment", scalars},
    {"services.*.expose", keyed},
    {"services.*.external_links", keyed},
    {"services.*.extra_hosts", keyed},
    {"services.*.group_add", keyed},
    {"services.*.healthcheck.test", replace},
    {"services.*.label_file", keyed},
    {"services.*.labels", scalars},
    {"services.*.links", keyed},
    {"services.*.logging", logging},
    {"services.*.networks.*.aliases", keyed},
    {"services.*.networks.*.link_local_ips", keyed},
    {"services.*.ports", keyed, port_key},
    {"services.*.profiles", keyed},
    {"services.*.security_opt", keyed},
    {"services.*.secrets", keyed, secret_key},
    {"services.*.sysctls", scalars},
    {"services.*.tmpfs", keyed, mount_path_key},
    {"services.*.ulimits.*", replace},
    {"services.*.volumes", keyed, target_key},
    {"services.*.volumes_from", keyed},
    {"services.*.volumes.*.volume.labels", scalars},
};

// Of the paths that are looked up most have another last key.
bool may_match(std::string_view pattern, std::string_view last) {
    return pattern.back() == '*'
           || (pattern.size() > last.size() && pattern[pattern.size() - last.size() - 1] == '.'
               && pattern.ends_with(last));
}

bool matches(std::string_view pattern, std::span<const std::string> path) {
    for (std::size_t index = 0; index < path.size(); ++index) {
        if (pattern.empty())
            return false;
        const std::size_t end = pattern.find('.');
        const std::string_view segment = pattern.substr(0, end);
        if (segment != "*" && segment != path[index])
            return false;
        pattern = end == std::string_view::npos ? std::string_view() : pattern.substr(end + 1);
    }
    return pattern.empty();
}

} // namespace

const MergeRule &merge_rule(const std::vector<std::string> &path) {
    static constexpr MergeRule extension{"", replace};
    // The second key is a name of the user's own, of a service or a network.
    if (path.empty())
        return deep_rule;
    if (path.size() != 2 && path.back().starts_with("x-"))
        return extension;
    for (const MergeRule &rule : table)
        if (may_match(rule.pattern, path.back()) && matches(rule.pattern, path))
            return rule;
    return deep_rule;
}

} // namespace compose
