#include "compose/canonical_shapes.hpp"

#include "compose/schema_type.hpp"
#include "compose/shell_words.hpp"
#include "compose/values.hpp"

namespace compose {

namespace {

void to_object(Node &node, const char *attribute) {
    if (node.kind != Kind::string)
        return;
    Node object = mapping_like(node);
    object.set(attribute, Node::string(node.text, node.location), node.location);
    node = std::move(object);
}

// A list of names as a mapping of names.
template <typename Value>
void to_table(Node &node, Value value) {
    if (!node.is_sequence())
        return;
    Node table = mapping_like(node);
    for (const Node &item : node.items)
        table.set(item.text, value(item), item.location);
    node = std::move(table);
}

// As execve(2) counts: each word with its end and a pointer to it, a quarter of the usual stack for all.
bool is_too_long(const std::string &line, const std::vector<std::string> &words) {
    constexpr std::size_t longest = std::size_t{2} << 20;
    std::size_t size = line.size();
    for (const std::string &word : words)
        size += word.size() + 1 + sizeof(char *);
    return size > longest;
}

void refuse_length(Node &node, const std::string &path, Diagnostics &diagnostics) {
    diagnostics.error(node.location, path, leaf(path) + " is longer than what Linux can run",
                      "put it into a file that the image has or a config gives");
    node = sequence_like(node);
}

} // namespace

void shape_command(Node &node, const std::string &path, Diagnostics &diagnostics) {
    if (node.kind != Kind::string)
        return;
    if (is_too_long(node.text, {}))
        return refuse_length(node, path, diagnostics);
    const auto split = split_shell_words(node.text);
    if (!split) {
        diagnostics.error(node.location, path, leaf(path) + " has a quote or parenthesis that is not closed",
                          "write the words as a list, or quote the special characters");
        return;
    }
    if (split->cut)
        diagnostics.warning(node.location, path,
                            leaf(path) + " ends at its \"" + node.text[*split->cut] + "\": no shell reads it",
                            "write [\"sh\", \"-c\", \"...\"] to run it with a shell");
    if (is_too_long({}, split->words))
        return refuse_length(node, path, diagnostics);
    Node words = sequence_like(node);
    for (const std::string &word : split->words)
        words.items.push_back(Node::string(word, node.location));
    node = std::move(words);
}

// dns: "${DNS:-}" names no server.
void shape_dns(Node &node, const std::string &, Diagnostics &) {
    if (node.kind == Kind::string && node.text.empty())
        node = sequence_like(node);
    std::erase_if(node.items, [](const Node &server) { return server.text.empty() && server.is_scalar(); });
}

void shape_health_test(Node &node, const std::string &, Diagnostics &) {
    if (node.kind != Kind::string)
        return;
    Node words = sequence_like(node);
    words.items.push_back(Node::string("CMD-SHELL", node.location));
    words.items.push_back(Node::string(node.text, node.location));
    node = std::move(words);
}

void shape_grant(Node &node, const std::string &, Diagnostics &) {
    to_object(node, "source");
}

void shape_env_file(Node &node, const std::string &, Diagnostics &) {
    to_object(node, "path");
    if (node.is_mapping() && node.find("required") == nullptr)
        node.set("required", Node::boolean(true, node.location));
}

void shape_build(Node &node, const std::string &, Diagnostics &) {
    to_object(node, "context");
}

void shape_depends_on(Node &node, const std::string &, Diagnostics &) {
    to_table(node, [](const Node &item) {
        Node dependency = Node::mapping(item.location);
        dependency.set("condition", Node::string("service_started", item.location));
        dependency.set("required", Node::boolean(true, item.location));
        return dependency;
    });
}

void shape_names(Node &node, const std::string &, Diagnostics &) {
    to_table(node, [](const Node &item) { return Node::null(item.location); });
}

void shape_hosts(Node &node, const std::string &path, Diagnostics &diagnostics) {
    Node list = sequence_like(node);
    const auto add = [&](const std::string &host, std::string address, const Location &location) {
        if (host.empty() || address.empty() || host.find_first_of(":=") != std::string::npos) {
            diagnostics.error(location, path, "an extra host needs a name and an address",
                              "write \"name=address\", e.g. \"db.local=10.0.0.5\"");
            return;
        }
        if (address.size() > 2 && address.front() == '[' && address.back() == ']')
            address = address.substr(1, address.size() - 2);
        list.items.push_back(Node::string(host + "=" + address, location));
    };
    for (const Node &item : node.items) {
        const auto equals = item.text.find('=');
        const auto separator = equals != std::string::npos ? equals : item.text.find(':');
        const bool split = separator != std::string::npos;
        add(split ? item.text.substr(0, separator) : "", split ? item.text.substr(separator + 1) : "",
            item.location);
    }
    for (const Member &member : node.members) {
        const Node &value = member.value;
        if (value.is_sequence())
            for (const Node &address : value.items)
                add(member.key, address.text, address.location);
        else
            add(member.key, value.text, value.location);
    }
    if (node.is_sequence() || node.is_mapping())
        node = std::move(list);
}

void shape_external(Node &node, const std::string &path, Diagnostics &diagnostics) {
    Node *external = node.find("external");
    if (external == nullptr || !external->is_mapping())
        return;
    if (const Node *inner = external->find("name")) {
        diagnostics.warning(external->key_location("name"), path, "external.name is obsolete",
                            "write external: true and name: " + inner->text);
        const Node *outer = node.find("name");
        if (outer != nullptr && outer->text != inner->text) {
            diagnostics.error(inner->location, path, "name and external.name differ", "keep name");
            return;
        }
        const Node name = *inner;
        node.set("name", name, external->key_location("name"));
        external = node.find("external");
    }
    *external = Node::boolean(true, external->location);
}

void shape_gpus(Node &node, const std::string &path, Diagnostics &diagnostics) {
    if (node.kind != Kind::string)
        return;
    if (node.text != "all")
        diagnostics.error(node.location, path, "gpus cannot be \"" + node.text + "\"",
                          "write all, or a list of devices");
    Node request = Node::mapping(node.location);
    request.set("count", node);
    Node list = sequence_like(node);
    list.items.push_back(std::move(request));
    node = std::move(list);
}

void shape_ulimit(Node &node, const std::string &, Diagnostics &) {
    if (!node.is_scalar() || read_integer(node) != 0)
        return;
    Node limits = mapping_like(node);
    limits.set("soft", Node::integer(0, node.location));
    limits.set("hard", Node::integer(0, node.location));
    node = std::move(limits);
}

void shape_count(Node &node, const std::string &, Diagnostics &) {
    if (node.text == "all")
        node = Node::integer(-1, node.location);
}

void shape_pull_policy(Node &node, const std::string &, Diagnostics &) {
    if (node.kind == Kind::string && node.text == "if_not_present")
        node.text = "missing";
}

} // namespace compose
