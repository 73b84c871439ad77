#include "compose/include.hpp"

#include "compose/merge.hpp"

#include <array>
#include <map>

namespace compose {

namespace {

std::vector<WrittenPath> paths_of(const Node *value, const std::string &attribute) {
    std::vector<WrittenPath> paths;
    const auto add = [&](const Node &node, std::string path) {
        if (node.is_scalar())
            paths.push_back({node.text, node.location, std::move(path)});
    };
    if (value == nullptr)
        return paths;
    add(*value, attribute);
    for (std::size_t index = 0; index < value->items.size(); ++index)
        add(value->items[index], join_path(attribute, index));
    return paths;
}

Include read(const Node &entry, const std::string &path) {
    Include include;
    if (entry.is_scalar()) {
        include.files = paths_of(&entry, path);
        return include;
    }
    include.files = paths_of(entry.find("path"), join_path(path, "path"));
    include.env_files = paths_of(entry.find("env_file"), join_path(path, "env_file"));
    for (WrittenPath &directory :
         paths_of(entry.find("project_directory"), join_path(path, "project_directory")))
        if (!directory.text.empty())
            include.directory = std::move(directory);
    return include;
}

bool is_empty(const Node &node) {
    return node.is_null() || (node.is_mapping() && node.members.empty());
}

void warn_of_conflict(const Member &own, const Member &included, const std::string &element,
                      Diagnostics &diagnostics) {
    const std::string path = join_path(element, own.key);
    Diagnostic &warning = diagnostics.warning(
        own.key_location, path, path + " is also defined by an included file",
        "this one is merged over that; give one of them another name, or write !override to replace that");
    warning.notes.push_back({included.key_location, "the definition that is included"});
}

// Both define it: the own one is merged over the included one, below its path, which selects the rules.
void merge_resource(Member &own, Member included, const std::string &element, Diagnostics &diagnostics,
                    Values values) {
    Node &mine = own.value;
    Node &theirs = included.value;
    if (mine.tag != MergeTag::none || same_value(mine, theirs) || (is_empty(mine) && is_empty(theirs)))
        return;
    if (!is_empty(mine) && !is_empty(theirs))
        warn_of_conflict(own, included, element, diagnostics);
    const auto wrap = [&](Node node, const Location &at) {
        Node resources = Node::mapping();
        resources.set(own.key, std::move(node), at);
        Node tree = Node::mapping();
        tree.set(element, std::move(resources));
        return tree;
    };
    Node merged = wrap(std::move(theirs), included.key_location);
    merge_keeping_tags(merged, wrap(std::move(mine), own.key_location), diagnostics, values);
    mine = std::move(*merged.find(element)->find(own.key));
}

void import_table(Node &to, Node &from, const std::string &element, Diagnostics &diagnostics, Values values) {
    std::map<std::string, std::size_t> positions;
    for (std::size_t index = 0; index < to.members.size(); ++index)
        positions.emplace(to.members[index].key, index);
    for (Member &member : from.members) {
        const auto found = positions.find(member.key);
        if (found == positions.end())
            to.members.push_back(std::move(member));
        else
            merge_resource(to.members[found->second], std::move(member), element, diagnostics, values);
    }
}

} // namespace

std::vector<Include> take_includes(Node &document) {
    std::vector<Include> includes;
    const Node *list = document.find("include");
    if (list == nullptr)
        return includes;
    for (std::size_t index = 0; index < list->items.size(); ++index) {
        Include include = read(list->items[index], join_path("include", index));
        if (!include.files.empty())
            includes.push_back(std::move(include));
    }
    document.erase("include");
    return includes;
}

void import_resources(Node &document, Node included, Diagnostics &diagnostics, Values values) {
    static constexpr std::array elements{"services", "networks", "volumes", "secrets", "configs", "models"};
    for (const char *element : elements) {
        Node *from = included.find(element);
        if (from == nullptr || !from->is_mapping())
            continue;
        Node *to = document.find(element);
        if (to == nullptr || to->is_null())
            to = &document.set(element, Node::mapping(from->location), included.key_location(element));
        if (!to->is_mapping())
            continue;
        import_table(*to, *from, element, diagnostics, values);
    }
}

} // namespace compose
