#include "base/digest.hpp"
#include "compose/arrange.hpp"
#include "compose/decode_parts.hpp"

#include <array>

namespace compose {

namespace {

// Raised when the form below changes, so that an upgrade recreates containers once and knowingly.
constexpr std::string_view version = "compose-config-1\n";

// Each value with its kind and length: no two trees have the same text.
void write(std::string &text, const Node &node) {
    const auto scalar = [&](char kind, const std::string &value) {
        text += kind;
        text += std::to_string(value.size());
        text += ':';
        text += value;
    };
    switch (node.kind) {
    case Kind::null:
        text += 'n';
        break;
    case Kind::boolean:
        scalar('b', node.text);
        break;
    case Kind::integer:
    case Kind::real:
        scalar('d', node.text);
        break;
    case Kind::string:
        scalar('s', node.text);
        break;
    case Kind::sequence:
        text += '[';
        for (const Node &item : node.items)
            write(text, item);
        text += ']';
        break;
    case Kind::mapping:
        text += '{';
        for (const Member &member : node.members)
            if (!is_extension(member.key)) {
                scalar('k', member.key);
                write(text, member.value);
            }
        text += '}';
        break;
    }
}

std::string hash(const Node &node) {
    std::string text(version);
    write(text, node);
    return base::sha256_hex(text);
}

} // namespace

std::string service_hash(const Node &service, const std::string &image) {
    static constexpr std::array outside{"build", "depends_on", "develop", "profiles", "pull_policy", "scale"};
    Node kept = service;
    for (const char *attribute : outside)
        kept.erase(attribute);
    if (Node *deploy = kept.find("deploy"); deploy != nullptr) {
        deploy->erase("replicas");
        if (deploy->members.empty())
            kept.erase("deploy");
    }
    kept.set("image", Node::string(image));
    arrange(kept, *rules().child("services")->any);
    return hash(kept);
}

std::string resource_hash(const Node &resource, std::string_view element) {
    Node kept = resource;
    arrange(kept, *rules().child(element)->any);
    return hash(kept);
}

} // namespace compose
