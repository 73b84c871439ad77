#include "compose/decode_parts.hpp"
#include "compose/decode_values.hpp"

#include <charconv>

namespace compose {

namespace {

// Of pairs, those that have a value.
std::map<std::string, std::string> values(const Node &node, std::string_view key) {
    std::map<std::string, std::string> result;
    for (const Member &member : members_of(node, key))
        if (!member.value.is_null())
            result.emplace(member.key, member.value.text);
    return result;
}

std::optional<std::uint32_t> number(const Node &node, std::string_view key) {
    const std::optional<std::string> text = get_optional_text(node, key);
    std::uint32_t value = 0;
    if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc())
        return std::nullopt; // what is no number was told by check_build()
    return value;
}

// An id without a path is the agent's.
std::map<std::string, std::string> keys(const Node &node) {
    std::map<std::string, std::string> result;
    for (const Member &member : members_of(node, "ssh"))
        result.emplace(member.key, member.value.text);
    return result;
}

std::vector<BuildSecret> secrets(const Node &node) {
    std::vector<BuildSecret> result;
    for (const Node &item : items_of(node, "secrets")) {
        BuildSecret secret{
            get_text(item, "source"), get_text(item, "target"), number(item, "uid"), number(item, "gid"), {}};
        if (const auto mode = get_integer(item, "mode"))
            secret.mode = static_cast<std::uint32_t>(*mode);
        if (secret.id.empty())
            secret.id = secret.source;
        result.push_back(std::move(secret));
    }
    return result;
}

} // namespace

Build decode_build(const Node &node) {
    Build build;
    build.context = get_text(node, "context");
    build.dockerfile = get_text(node, "dockerfile");
    build.dockerfile_inline = get_optional_text(node, "dockerfile_inline");
    build.args = values(node, "args");
    build.additional_contexts = values(node, "additional_contexts");
    build.target = get_text(node, "target");
    build.labels = get_map(node, "labels");
    build.tags = get_texts(node, "tags");
    build.platforms = get_texts(node, "platforms");
    build.entitlements = get_texts(node, "entitlements");
    build.no_cache_filter = get_texts(node, "no_cache_filter");
    build.network = get_text(node, "network");
    build.secrets = secrets(node);
    build.ssh = keys(node);
    build.cache_from = get_texts(node, "cache_from");
    build.cache_to = get_texts(node, "cache_to");
    build.provenance = get_text(node, "provenance");
    build.sbom = get_text(node, "sbom");
    build.extra_hosts = decode_hosts(node);
    build.ulimits = decode_ulimits(node);
    build.shm_size = get_bytes(node, "shm_size");
    build.no_cache = get_boolean(node, "no_cache");
    build.pull = get_boolean(node, "pull");
    build.privileged = get_boolean(node, "privileged");
    return build;
}

} // namespace compose
