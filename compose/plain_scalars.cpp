// check_plain_scalars: strings without quotes that other readers of YAML take for something else.
#include "compose/attributes.hpp"
#include "compose/path_buffer.hpp"
#include "compose/phases.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace compose {

namespace {

bool is_boolean_of_1_1(std::string_view text) {
    static constexpr std::array words{"yes", "Yes", "YES", "no",  "No",  "NO",
                                      "on",  "On",  "ON",  "off", "Off", "OFF"};
    constexpr std::size_t longest = 3;
    return text.size() <= longest && std::find(words.begin(), words.end(), text) != words.end();
}

// 22:22 is 22 * 60 + 22 in base 60: digits, then groups below 60.
std::optional<std::int64_t> sexagesimal_of_1_1(std::string_view text) {
    constexpr std::size_t longest = 12;
    if (text.empty() || text.size() > longest || text.front() == '0'
        || text.find(':') == std::string_view::npos)
        return std::nullopt;
    std::int64_t total = 0;
    for (bool first = true; !text.empty(); first = false) {
        const auto colon = std::min(text.find(':'), text.size());
        std::int64_t group = 0;
        for (const char digit : text.substr(0, colon)) {
            if (digit < '0' || digit > '9')
                return std::nullopt;
            group = group * 10 + (digit - '0');
        }
        if (colon == 0 || (!first && (group > 59 || colon > 2)) || colon + 1 == text.size())
            return std::nullopt;
        total = total * 60 + group;
        text.remove_prefix(std::min(colon + 1, text.size()));
    }
    return total;
}

bool is_trap(const Node &node) {
    return node.kind == Kind::string && !node.quoted
           && (is_boolean_of_1_1(node.text) || sexagesimal_of_1_1(node.text));
}

// Whatever its attribute is. Most files have none, and to know the attributes costs many times as much.
bool has_trap(const Node &node) {
    return is_trap(node) || std::any_of(node.items.begin(), node.items.end(), has_trap)
           || std::any_of(node.members.begin(), node.members.end(),
                          [](const Member &member) { return has_trap(member.value); });
}

class Traps {
  public:
    explicit Traps(Diagnostics &diagnostics) : diagnostics_(diagnostics) {}

    void visit(const Node &node, const Rule &rule) {
        if (node.is_scalar())
            return scalar(node, rule);
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const auto step = path_.enter(index);
            visit(node.items[index], rule.item == nullptr ? rule : *rule.item);
        }
        for (const Member &member : node.members) {
            const Rule *child = rule.child(member.key);
            if (child == nullptr && rule.type() == Type::pairs)
                child = &rule;
            if (child == nullptr)
                continue;
            const auto step = path_.enter(member.key);
            visit(member.value, *child);
        }
    }

  private:
    static bool wants_text(const Rule &rule) {
        const Type type = rule.type();
        return type == Type::text || type == Type::word || type == Type::texts || type == Type::words
               || type == Type::pairs || ((type == Type::object || type == Type::list) && rule.has(or_text));
    }

    void scalar(const Node &node, const Rule &rule) {
        if (!is_trap(node) || !wants_text(rule))
            return;
        const auto number = sexagesimal_of_1_1(node.text);
        diagnostics_.warning(node.location, path_.text(),
                             node.text + " is a string here, but "
                                 + (number ? "the number " + std::to_string(*number) : "a boolean")
                                 + " to readers of YAML 1.1",
                             "write \"" + node.text + "\" with quotes");
    }

    Diagnostics &diagnostics_;
    PathBuffer path_;
};

} // namespace

void check_plain_scalars(const Node &file, Diagnostics &diagnostics) {
    if (has_trap(file))
        Traps(diagnostics).visit(file, rules());
}

} // namespace compose
