#include "compose/schema_type.hpp"

#include "base/suggest.hpp"
#include "compose/values.hpp"

#include <vector>

namespace compose {

namespace {

std::string_view kind_name(const Node &node) {
    switch (node.kind) {
    case Kind::null:
        return "empty";
    case Kind::boolean:
        return "a boolean";
    case Kind::integer:
    case Kind::real:
        return "a number";
    case Kind::string:
        return "a string";
    case Kind::sequence:
        return "a list";
    case Kind::mapping:
        return "a mapping";
    }
    return {};
}

bool is_number(const Node &node) {
    return node.kind == Kind::integer || node.kind == Kind::real;
}

class TypeCheck {
  public:
    TypeCheck(const Attribute &attribute, const std::string &path, Diagnostics &diagnostics)
        : attribute_(attribute), path_(path), diagnostics_(diagnostics) {}

    bool operator()(const Node &node) {
        if (is_alternative(node))
            return true;
        switch (attribute_.type) {
        case Type::any:
            return true;
        case Type::text:
            return text(node) && choice(node);
        case Type::word:
            return node.kind == Kind::string || is_number(node) || wrong(node);
        case Type::boolean:
            return boolean(node);
        case Type::integer:
            return scalar(node, read_integer(node).has_value());
        case Type::number:
            return scalar(node, read_number(node).has_value());
        case Type::bytes:
            return scalar(node, read_bytes(node).has_value());
        case Type::duration:
            return scalar(node, read_duration(node).has_value());
        case Type::octal:
            return scalar(node, read_octal(node).value_or(-1) >= 0);
        case Type::texts:
        case Type::words:
            return node.is_sequence() ? items(node) : wrong(node);
        case Type::pairs:
            return pairs(node);
        case Type::options:
            return node.is_mapping() ? values(node) : wrong(node);
        case Type::list:
            return node.is_sequence() || wrong(node);
        case Type::object:
        case Type::table:
            return node.is_mapping() || wrong(node);
        }
        return true;
    }

  private:
    [[nodiscard]] bool may(Flag flag) const { return (attribute_.flags & flag) != 0; }

    [[nodiscard]] bool is_alternative(const Node &node) const {
        switch (node.kind) {
        case Kind::null:
            return may(or_null);
        case Kind::string:
            return may(or_text);
        case Kind::boolean:
            return may(or_boolean);
        case Kind::integer:
        case Kind::real:
            return may(or_number);
        case Kind::sequence:
            return may(or_list);
        case Kind::mapping:
            return may(or_table);
        }
        return false;
    }

    [[nodiscard]] std::string expected() const {
        static constexpr std::string_view names[] = {"anything",
                                                     "a string",
                                                     "a string or a number",
                                                     "true or false",
                                                     "an integer",
                                                     "a number",
                                                     "a size such as 64m",
                                                     "a duration such as 1m30s",
                                                     "a file mode such as 0440",
                                                     "a list of strings",
                                                     "a list of strings or numbers",
                                                     "a mapping or a list of KEY=VALUE",
                                                     "a mapping",
                                                     "a list",
                                                     "a mapping",
                                                     "a mapping"};
        std::string text(names[static_cast<std::size_t>(attribute_.type)]);
        if (may(or_text))
            text += " or a string";
        if (may(or_list))
            text += " or a list";
        return text;
    }

    bool error(const Node &node, std::string message, std::string hint = {}) {
        diagnostics_.error(node.location, path_, std::move(message), std::move(hint));
        return false;
    }

    bool wrong(const Node &node) {
        return error(node, leaf(path_) + " must be " + expected() + ", not " + std::string(kind_name(node)));
    }

    bool text(const Node &node) {
        if (node.kind == Kind::string)
            return true;
        if (!node.is_scalar())
            return wrong(node);
        return error(node, leaf(path_) + " must be a string, not " + std::string(kind_name(node)),
                     "write \"" + node.text + "\" with quotes");
    }

    bool scalar(const Node &node, bool readable) {
        if (readable || is_unresolved(node)
            || (node.is_scalar() && !attribute_.choices.empty() && node.text == attribute_.choices))
            return true;
        std::string hint;
        if (attribute_.type == Type::duration && read_integer(node))
            hint = "add the unit: " + node.text + "s";
        if (attribute_.type == Type::bytes && node.kind == Kind::real)
            hint = "add the unit: " + node.text + "g, " + node.text + "m";
        if (!node.is_scalar())
            return wrong(node);
        return error(node, leaf(path_) + " must be " + expected() + ", not \"" + node.text + "\"", hint);
    }

    bool boolean(const Node &node) {
        const auto value = read_boolean(node);
        constexpr std::size_t longest_old_word = 3; // off; true and false are longer
        if (value && node.kind == Kind::string && node.text.size() <= longest_old_word)
            diagnostics_.warning(node.location, path_,
                                 leaf(path_) + " is \"" + node.text + "\", which YAML 1.2 has no more",
                                 *value ? "write true" : "write false");
        return scalar(node, value.has_value());
    }

    bool items(const Node &node) {
        bool fine = true;
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const Node &item = node.items[index];
            if (item.kind == Kind::string || (attribute_.type == Type::words && is_number(item)))
                continue;
            const std::string path = join_path(path_, index);
            const std::string hint = item.is_scalar() ? "write \"" + item.text + "\" with quotes" : "";
            diagnostics_.error(item.location, path,
                               leaf(path) + " must be a string, not " + std::string(kind_name(item)), hint);
            fine = false;
        }
        return fine;
    }

    bool pairs(const Node &node) {
        if (node.is_mapping())
            return values(node);
        if (!node.is_sequence())
            return wrong(node);
        bool fine = true;
        for (std::size_t index = 0; index < node.items.size(); ++index) {
            const Node &item = node.items[index];
            if (item.kind == Kind::string)
                continue;
            const bool mapping = item.is_mapping() && item.members.size() == 1;
            const std::string path = join_path(path_, index);
            diagnostics_.error(
                item.location, path, leaf(path) + " must be a string KEY=VALUE",
                mapping ? "write " + item.members.front().key + "=VALUE, or leave out the dashes" : "");
            fine = false;
        }
        return fine;
    }

    bool values(const Node &node) {
        bool fine = true;
        for (const Member &member : node.members) {
            const Node &value = member.value;
            const bool boolean = value.kind == Kind::boolean && attribute_.type == Type::options;
            if ((value.is_scalar() && !boolean) || value.tag == MergeTag::reset || value.is_null())
                continue;
            const std::string path = join_path(path_, member.key);
            diagnostics_.error(value.location, path,
                               member.key + " must be a string or a number, not "
                                   + std::string(kind_name(value)),
                               boolean ? "write \"" + value.text + "\" with quotes" : "");
            fine = false;
        }
        return fine;
    }

    bool choice(const Node &node) {
        if (attribute_.choices.empty() || is_unresolved(node))
            return true;
        std::vector<std::string> known;
        for (std::string_view rest = attribute_.choices; !rest.empty();) {
            const auto bar = rest.find('|');
            std::string_view one = rest.substr(0, bar);
            rest = bar == std::string_view::npos ? std::string_view{} : rest.substr(bar + 1);
            const bool refused = one.front() == '!';
            one.remove_prefix(refused ? 1 : 0);
            if (one != node.text) {
                if (!refused)
                    known.emplace_back(one);
                continue;
            }
            return !refused
                   || !diagnostics_.unsupported(node.location, path_,
                                                leaf(path_) + " \"" + node.text + "\" is not supported yet");
        }
        std::string list;
        for (const std::string &one : known)
            list += (list.empty() ? "" : ", ") + one;
        const std::string near = base::did_you_mean(node.text, known);
        return error(node, leaf(path_) + " cannot be \"" + node.text + "\"",
                     near.empty() ? "it is one of " + list : near);
    }

    const Attribute &attribute_;
    const std::string &path_;
    Diagnostics &diagnostics_;
};

} // namespace

bool check_type(const Node &node, const Attribute &attribute, const std::string &path,
                Diagnostics &diagnostics) {
    return TypeCheck(attribute, path, diagnostics)(node);
}

std::string leaf(const std::string &path) {
    const auto dot = path.rfind('.');
    return dot == std::string::npos ? path : path.substr(dot + 1);
}

} // namespace compose
