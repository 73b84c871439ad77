// canonicalise: every value in one shape. Attributes with a notation of their own have a row in `shapers`;
// all else follows from the type in the table of attributes.
#include "compose/attributes.hpp"
#include "compose/canonical_shapes.hpp"
#include "compose/phases.hpp"
#include "compose/values.hpp"

#include <map>

namespace compose {

namespace {

struct Shape {
    std::string_view path;
    Shaper shaper;
};

constexpr Shape shapes[] = {
    {"services.*.build", shape_build},
    {"services.*.build.extra_hosts", shape_hosts},
    {"services.*.build.secrets.[]", shape_grant},
    {"services.*.command", shape_command},
    {"services.*.configs.[]", shape_grant},
    {"services.*.depends_on", shape_depends_on},
    {"services.*.devices.[]", shape_device},
    {"services.*.entrypoint", shape_command},
    {"services.*.env_file.[]", shape_env_file},
    {"services.*.extra_hosts", shape_hosts},
    {"services.*.healthcheck.test", shape_health_test},
    {"services.*.networks", shape_networks},
    {"services.*.ports", shape_ports},
    {"services.*.pull_policy", shape_pull_policy},
    {"services.*.secrets.[]", shape_grant},
    {"services.*.volumes.[]", shape_mount},
    {"networks.*", shape_external},
    {"volumes.*", shape_external},
    {"secrets.*", shape_external},
    {"configs.*", shape_external},
};

Shaper shaper_of(const Attribute *attribute) {
    static const auto table = [] {
        std::map<std::string_view, Shaper> by_path;
        for (const Shape &shape : shapes)
            by_path.emplace(shape.path, shape.shaper);
        std::map<const Attribute *, Shaper> found;
        for (const Attribute &row : attributes())
            if (const auto shape = by_path.find(row.path); shape != by_path.end())
                found.emplace(&row, shape->second);
        return found;
    }();
    const auto found = table.find(attribute);
    return found == table.end() ? nullptr : found->second;
}

// Docker Compose passes numbers on as it prints them: 1.10 arrives as 1.1. Versions and codes suffer.
void warn_of_loss(const Member &member, const std::string &text, const std::string &path,
                  Diagnostics &diagnostics) {
    const Node &value = member.value.front();
    if ((value.kind == Kind::real || value.kind == Kind::integer) && text != value.text)
        diagnostics.warning(value.location, join_path(path, member.key),
                            value.text + " is read as the number " + text,
                            "write \"" + value.text + "\" with quotes to keep it as it is");
}

void to_pairs(Node &node, bool empty_values, const std::string &path, Diagnostics &diagnostics) {
    if (node.is_sequence()) {
        Node pairs = mapping_like(node);
        for (const Node &item : node.items) {
            if (!item.is_scalar())
                continue;
            const auto equals = item.text.find('=');
            Node value = equals == std::string::npos
                             ? Node::null(item.location)
                             : Node::string(item.text.substr(equals + 1), item.location);
            pairs.set(item.text.substr(0, equals), std::move(value), item.location);
        }
        node = std::move(pairs);
    }
    for (Member &member : node.members) {
        Node &value = member.value.front();
        if (value.is_null() && value.tag == MergeTag::none && empty_values) {
            value = Node::string("", value.location);
            continue;
        }
        Node text = cast(value, Type::text);
        warn_of_loss(member, text.text, path, diagnostics);
        value = std::move(text);
    }
}

void to_texts(Node &node) {
    if (node.is_scalar()) {
        Node list = sequence_like(node);
        list.items.push_back(cast(node, Type::text));
        list.items.back().tag = MergeTag::none;
        node = std::move(list);
        return;
    }
    for (Node &item : node.items)
        item = cast(item, Type::text);
}

class Canonical {
  public:
    explicit Canonical(Diagnostics &diagnostics) : diagnostics_(diagnostics) {}

    void value(Node &node, const Rule &rule, const std::string &path) {
        if (node.tag == MergeTag::reset)
            return;
        if (const Shaper shape = shaper_of(rule.attribute))
            shape(node, path, diagnostics_);
        switch (rule.type()) {
        case Type::texts:
        case Type::words:
            to_texts(node);
            return;
        case Type::pairs:
            to_pairs(node, rule.has(empty_pairs), path, diagnostics_);
            return;
        case Type::options:
            to_pairs(node, true, path, diagnostics_);
            return;
        case Type::list:
            items(node, rule, path);
            return;
        case Type::object:
        case Type::table:
        case Type::any:
            children(node, rule, path);
            if (node.kind == Kind::string && rule.has(or_number))
                node = cast(node, Type::integer);
            return;
        default:
            node = cast(node, rule.type());
        }
    }

  private:
    void items(Node &node, const Rule &rule, const std::string &path) {
        if (node.is_scalar()) {
            Node list = sequence_like(node);
            list.items.push_back(node);
            list.items.back().tag = MergeTag::none;
            node = std::move(list);
        }
        if (rule.item != nullptr)
            for (std::size_t index = 0; index < node.items.size(); ++index)
                value(node.items[index], *rule.item, join_path(path, index));
    }

    void children(Node &node, const Rule &rule, const std::string &path) {
        for (Member &member : node.members)
            if (const Rule *child = rule.child(member.key))
                value(member.value.front(), *child, join_path(path, member.key));
    }

    Diagnostics &diagnostics_;
};

} // namespace

Node mapping_like(const Node &node) {
    Node made = Node::mapping(node.location);
    made.tag = node.tag;
    return made;
}

Node sequence_like(const Node &node) {
    Node made = Node::sequence(node.location);
    made.tag = node.tag;
    return made;
}

void canonicalise(Node &file, Diagnostics &diagnostics) {
    Canonical(diagnostics).value(file, rules(), "");
}

} // namespace compose
