// check_schema: one file against the table of attributes.
#include "base/suggest.hpp"
#include "compose/attributes.hpp"
#include "compose/phases.hpp"
#include "compose/schema_type.hpp"
#include "compose/values.hpp"

#include <algorithm>

namespace compose {

namespace {

class Checker {
  public:
    explicit Checker(Diagnostics &diagnostics) : diagnostics_(diagnostics) {}

    void value(const Node &node, const Rule &rule, const std::string &path, const Node *before) {
        if (node.tag == MergeTag::reset)
            return;
        if (node.is_null() && before != nullptr && !before->is_null())
            return;
        if (rule.attribute != nullptr && !check_type(node, *rule.attribute, path, diagnostics_))
            return;
        if (node.is_mapping() && takes_children(rule))
            mapping(node, rule, path, before);
        if (node.is_sequence() && rule.item != nullptr)
            for (std::size_t index = 0; index < node.items.size(); ++index)
                value(node.items[index], *rule.item, join_path(path, index), nullptr);
    }

  private:
    static bool takes_children(const Rule &rule) {
        return rule.attribute == nullptr || !rule.named.empty() || rule.any != nullptr
               || rule.type() == Type::object;
    }

    // A key that is no string: the parser gave it a name that nobody can write.
    static bool is_reported(const std::string &key) { return key.starts_with('\n'); }

    void mapping(const Node &node, const Rule &rule, const std::string &path, const Node *before) {
        for (const Member &member : node.members) {
            const Rule *child = rule.child(member.key);
            if (child == nullptr) {
                if (!is_extension(member.key) && !is_reported(member.key))
                    unknown(member, rule, path);
                continue;
            }
            const std::string child_path = join_path(path, member.key);
            if (child == rule.any && path.find('.') == std::string::npos && !is_reported(member.key))
                check_name(member, path, child_path);
            if (supported(member, *child, rule, child_path))
                value(member.value, *child, child_path,
                      before == nullptr ? nullptr : before->find(member.key));
        }
        for (const Rule::Child &child : rule.named)
            if (child.rule->has(needed) && node.find(child.key) == nullptr)
                diagnostics_.error(node.location, path, leaf(path) + " has no " + std::string(child.key),
                                   "add " + std::string(child.key) + ":");
    }

    void unknown(const Member &member, const Rule &rule, const std::string &path) {
        std::vector<std::string> known;
        for (const Rule::Child &child : rule.named)
            known.emplace_back(child.key);
        std::string hint = base::did_you_mean(member.key, known);
        if (hint.empty() && path.empty() && looks_like_service(member.value))
            hint = "services are listed under \"services:\"";
        else if (hint.empty() && path.empty() && rules().child("services")->any->child(member.key) != nullptr)
            hint = "it is an attribute of a service; indent it below one";
        else if (hint.empty())
            hint = "attributes of your own start with \"x-\"";
        diagnostics_.error(member.key_location, join_path(path, member.key),
                           "unknown attribute \"" + member.key + "\"" + (path.empty() ? "" : " in " + path),
                           hint);
    }

    static bool looks_like_service(const Node &node) {
        return node.find("image") != nullptr || node.find("build") != nullptr;
    }

    void check_name(const Member &member, const std::string &element, const std::string &path) {
        const auto allowed = [](unsigned char c) {
            return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
        };
        if (member.key.empty() || !std::all_of(member.key.begin(), member.key.end(), allowed))
            diagnostics_.error(member.key_location, path,
                               "\"" + member.key + "\" is not a name that " + element + " can have",
                               "use letters, digits, \"_\", \".\" and \"-\"");
    }

    // False when the attribute is refused with an error; what it holds is then not looked at.
    bool supported(const Member &member, const Rule &rule, const Rule &parent, const std::string &path) {
        const Attribute *attribute = rule.attribute;
        if (attribute == nullptr || attribute->status == Status::works || member.value.tag == MergeTag::reset)
            return true;
        if ((attribute->type == Type::boolean || (attribute->flags & or_boolean) != 0)
            && read_boolean(member.value) == false)
            return true; // what does not work may be switched off
        if (attribute->status == Status::refused)
            return !diagnostics_.unsupported(member.key_location, path, member.key + " is not supported yet",
                                             std::string(attribute->note));
        // Said once, at the outermost attribute.
        if (parent.attribute == nullptr || parent.attribute->status != Status::ignored)
            diagnostics_.warning(member.key_location, path, member.key + " has no effect",
                                 std::string(attribute->note));
        return true;
    }

    Diagnostics &diagnostics_;
};

} // namespace

void check_schema(const Node &file, Diagnostics &diagnostics, const Node *before) {
    if (!file.is_mapping()) {
        diagnostics.error(file.location, "", "a Compose file is a mapping", "start it with \"services:\"");
        return;
    }
    Checker(diagnostics).value(file, rules(), "", before);
}

} // namespace compose
