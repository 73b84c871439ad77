#include "compose/explain.hpp"

#include "base/line_index.hpp"
#include "base/suggest.hpp"
#include "compose/expand.hpp"
#include "compose/selection.hpp"
#include "compose/values.hpp"
#include "compose/yaml_scalar.hpp"

#include <algorithm>
#include <charconv>

namespace compose {

namespace {

struct Found {
    const Node *node;
    std::string path;
    Location key; // of its member, for a value that was written as nothing
};

[[noreturn]] void unknown(const std::string &within, const std::string &rest, const Node &node) {
    const std::string where = within.empty() ? "the model" : within;
    std::string hint;
    if (node.is_mapping()) {
        hint = base::did_you_mean(rest.substr(0, rest.find_first_of(".[")), names_in(&node));
        if (hint.empty()) {
            hint = where + " has: ";
            for (const Member &member : node.members)
                hint += (&member == node.members.data() ? "" : ", ") + member.key;
        }
    }
    throw base::Error(where + " has no \"" + rest + "\"", hint);
}

// "[N]" at the beginning of rest; its size in bytes, or 0.
std::size_t read_index(std::string_view rest, std::size_t &index) {
    const auto close = rest.find(']');
    if (!rest.starts_with('[') || close == std::string_view::npos)
        return 0;
    const auto end = rest.data() + close;
    const auto result = std::from_chars(rest.data() + 1, end, index);
    return result.ec == std::errc{} && result.ptr == end ? close + 1 : 0;
}

const Member *longest_key(const Node &node, std::string_view rest) {
    const Member *best = nullptr;
    for (const Member &member : node.members) {
        const std::string &key = member.key;
        const bool whole =
            rest.size() == key.size()
            || (rest.size() > key.size() && (rest[key.size()] == '.' || rest[key.size()] == '['));
        if (rest.starts_with(key) && whole && (best == nullptr || best->key.size() < key.size()))
            best = &member;
    }
    return best;
}

Found find(const Node &root, const std::string &path) {
    Found found{&root, "", {}};
    std::string_view rest = path;
    while (!rest.empty()) {
        const Node &node = *found.node;
        if (std::size_t index = 0; const std::size_t size = read_index(rest, index)) {
            if (index >= node.items.size())
                unknown(found.path, std::string(rest), node);
            found = {&node.items[index], join_path(found.path, index), node.items[index].location};
            rest.remove_prefix(size);
        } else {
            const Member *member = longest_key(node, rest);
            if (member == nullptr)
                unknown(found.path, std::string(rest), node);
            found = {&member->value, join_path(found.path, member->key), member->key_location};
            rest.remove_prefix(member->key.size());
        }
        if (rest.starts_with('.'))
            rest.remove_prefix(1);
    }
    return found;
}

std::string one_line(const Node &node) {
    if (node.is_mapping())
        return "{}";
    if (node.is_sequence())
        return "[]";
    if (node.is_null())
        return "null";
    if (node.kind != Kind::string)
        return scalar_text(node);
    const ScalarStyle style = scalar_style(node.text, false);
    return write_scalar(node.text, style == ScalarStyle::literal ? ScalarStyle::double_quoted : style, 0);
}

// What is written from the location to the end of its line.
std::string written_at(const Location &location) {
    if (!location.known())
        return {};
    const std::size_t begin = base::LineIndex(location.source).offset_of(location);
    const std::string &text = location.source->text;
    return text.substr(begin, text.find('\n', begin) - begin);
}

class Explainer {
  public:
    explicit Explainer(const Loaded &loaded) : loaded_(loaded) {}

    void add(const Node &node, const std::string &path, const Location &key) {
        for (std::size_t index = 0; index < node.items.size(); ++index)
            add(node.items[index], join_path(path, index), key);
        for (const Member &member : node.members)
            add(member.value, join_path(path, member.key), member.key_location);
        if (!node.items.empty() || !node.members.empty())
            return;
        Explanation &made = all_.emplace_back();
        made.path = path;
        made.value = one_line(node);
        made.location = node.location.known() ? node.location : key;
        made.replaced.assign(node.origins.rbegin(), node.origins.rend());
        add_variables(made);
    }

    [[nodiscard]] std::vector<Explanation> take() { return std::move(all_); }

  private:
    void add_variables(Explanation &made) const {
        for (const VariableUse &use : variables_in(written_at(made.location))) {
            const auto value = loaded_.project.environment.find(use.name);
            if (value == loaded_.project.environment.end())
                continue;
            const auto origin = loaded_.variable_origins.find(use.name);
            made.variables.push_back(
                {use.name, value->second,
                 origin == loaded_.variable_origins.end() ? Location{} : origin->second});
        }
    }

    const Loaded &loaded_;
    std::vector<Explanation> all_;
};

} // namespace

std::vector<Explanation> explain(const Loaded &loaded, const std::string &path) {
    const Found found = find(loaded.canonical, path);
    Explainer explainer(loaded);
    explainer.add(*found.node, found.path, found.key);
    return explainer.take();
}

} // namespace compose
