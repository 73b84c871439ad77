// canonicalise: every value in one shape. Attributes with a notation of their own have a row in `shapers`;
// all else follows from the type in the table of attributes.
#include "compose/attributes.hpp"
#include "compose/canonical_shapes.hpp"
#include "compose/path_buffer.hpp"
#include "compose/phases.hpp"
#include "compose/values.hpp"

#include <map>
#include <utility>

namespace compose {

namespace {

struct Shape {
    std::string_view path;
    Shaper shaper;
    bool to_object = false; // a shape that does not look into values
};

constexpr Shape shapes[] = {
    {"services.*.build", shape_build, true},
    {"services.*.build.extra_hosts", shape_hosts},
    {"services.*.build.ulimits.*", shape_ulimit},
    {"services.*.build.secrets.[]", shape_grant, true},
    {"services.*.command", shape_command},
    {"services.*.configs.[]", shape_grant, true},
    {"services.*.depends_on", shape_depends_on, true},
    {"services.*.develop.watch.[].exec.command", shape_command},
    {"services.*.deploy.resources.reservations.devices.[].count", shape_count},
    {"services.*.devices.[]", shape_device},
    {"services.*.dns", shape_dns},
    {"services.*.entrypoint", shape_command},
    {"services.*.env_file.[]", shape_env_file, true},
    {"services.*.extra_hosts", shape_hosts},
    {"services.*.gpus", shape_gpus},
    {"services.*.gpus.[].count", shape_count},
    {"services.*.healthcheck.test", shape_health_test},
    {"services.*.models", shape_names, true},
    {"services.*.networks", shape_names, true},
    {"services.*.ports", shape_ports},
    {"services.*.post_start.[].command", shape_command},
    {"services.*.pre_start.[].command", shape_command},
    {"services.*.pre_stop.[].command", shape_command},
    {"services.*.pull_policy", shape_pull_policy},
    {"services.*.secrets.[]", shape_grant, true},
    {"services.*.ulimits.*", shape_ulimit},
    {"services.*.volumes.[]", shape_mount, true},
    {"networks.*", shape_external, true},
    {"volumes.*", shape_external, true},
    {"secrets.*", shape_external, true},
    {"configs.*", shape_external, true},
};

const Shape *shape_of(const Attribute *attribute) {
    static const auto of_rows = [] {
        std::map<std::string_view, const Shape *> by_path;
        for (const Shape &shape : shapes)
            by_path.emplace(shape.path, &shape);
        std::vector<const Shape *> found;
        for (const Attribute &row : attributes()) {
            const auto shape = by_path.find(row.path);
            found.push_back(shape == by_path.end() ? nullptr : shape->second);
        }
        return found;
    }();
    return attribute == nullptr ? nullptr
                                : of_rows[static_cast<std::size_t>(attribute - attributes().data())];
}

// Docker Compose passes numbers and booleans on as it prints them: 1.10 arrives as 1.1, True as true.
void warn_of_loss(const Member &member, const std::string &text, const std::string &path,
                  Diagnostics &diagnostics) {
    const Node &value = member.value;
    if (value.is_scalar() && value.kind != Kind::string && text != value.text)
        diagnostics.warning(value.location, join_path(path, member.key),
                            value.text + " is read as the "
                                + (value.kind == Kind::boolean ? "boolean " : "number ") + text,
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
        Node &value = member.value;
        if (value.is_null() && value.tag == MergeTag::none && empty_values) {
            value = Node::string("", value.location);
            continue;
        }
        if (value.kind == Kind::string) {
            value.quoted = false;
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
        item = cast(std::move(item), Type::text);
}

class Canonical {
  public:
    Canonical(Values values, PortBudget &budget, Diagnostics &diagnostics)
        : values_(values), budget_(budget), diagnostics_(diagnostics) {}

    void value(Node &node, const Rule &rule) {
        if (node.tag == MergeTag::reset)
            return;
        const bool as_written = values_ == Values::as_written;
        if (rule.attribute != nullptr && rule.attribute->path == "services.*.ports")
            charge_ports(node);
        if (const Shape *shape = shape_of(rule.attribute);
            shape != nullptr && (shape->to_object || !as_written))
            shape->shaper(node, path_.text(), diagnostics_);
        else if (rule.attribute != nullptr && as_written && rule.attribute->path == "services.*.ports")
            ports_as_written(node);
        if (as_written && rule.type() != Type::any && rule.type() != Type::list && rule.type() != Type::object
            && rule.type() != Type::table)
            return;
        switch (rule.type()) {
        case Type::texts:
        case Type::words:
            to_texts(node);
            return;
        case Type::pairs:
            to_pairs(node, rule.has(empty_pairs), path_.text(), diagnostics_);
            return;
        case Type::options:
            to_pairs(node, true, path_.text(), diagnostics_);
            return;
        case Type::list:
            items(node, rule);
            return;
        case Type::object:
        case Type::table:
        case Type::any:
            children(node, rule);
            if (!as_written && node.kind == Kind::string && rule.has(or_number))
                node = cast(std::move(node), Type::integer);
            return;
        default:
            node = cast(std::move(node), rule.type());
        }
    }

  private:
    void charge_ports(Node &node) {
        const std::size_t count = ports_in(node);
        if (count <= budget_.left) {
            budget_.left -= count;
            return;
        }
        node.items.clear();
        if (!std::exchange(budget_.exceeded, true))
            diagnostics_.error(node.location, path_.text(),
                               "more than " + std::to_string(PortBudget::whole) + " ports are published",
                               "publish only the ports that are used from outside");
    }

    // All of them or, when there is a variable in one, none.
    void ports_as_written(Node &node) {
        for (const Node &item : node.items)
            if (is_unresolved(item))
                return;
        shape_ports(node, path_.text(), diagnostics_);
    }

    void items(Node &node, const Rule &rule) {
        if (node.is_scalar()) {
            Node list = sequence_like(node);
            list.items.push_back(node);
            list.items.back().tag = MergeTag::none;
            node = std::move(list);
        }
        if (rule.item == nullptr)
            return;
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const auto step = path_.enter(index);
            value(node.items[index], *rule.item);
        }
    }

    void children(Node &node, const Rule &rule) {
        for (Member &member : node.members)
            if (const Rule *child = rule.child(member.key)) {
                const auto step = path_.enter(member.key);
                value(member.value, *child);
            }
    }

    Values values_;
    PortBudget &budget_;
    Diagnostics &diagnostics_;
    PathBuffer path_;
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

void canonicalise(Node &file, Diagnostics &diagnostics, Values values, PortBudget &budget) {
    Canonical(values, budget, diagnostics).value(file, rules());
}

void canonicalise(Node &file, Diagnostics &diagnostics, Values values) {
    PortBudget budget;
    canonicalise(file, diagnostics, values, budget);
}

} // namespace compose
