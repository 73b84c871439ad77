#include "compose/expand.hpp"
#include "compose/render.hpp"
#include "compose/values.hpp"
#include "compose/yaml_scalar.hpp"

namespace compose {

namespace {

class Writer {
  public:
    [[nodiscard]] std::string take() { return std::move(text_); }

    // What follows "key:" or "-", which ends the line.
    void value(const Node &node, std::size_t indent) {
        if (node.is_mapping() && !node.members.empty()) {
            text_ += '\n';
            mapping(node, indent);
        } else if (node.is_sequence() && !node.items.empty()) {
            text_ += '\n';
            sequence(node, indent);
        } else {
            text_ += ' ';
            leaf(node, indent);
        }
    }

    void mapping(const Node &node, std::size_t indent, bool first_is_placed = false) {
        for (const Member &member : node.members) {
            if (!first_is_placed)
                text_.append(indent, ' ');
            first_is_placed = false;
            scalar(member.key, true, 0);
            text_ += ':';
            value(member.value, indent + 2);
        }
    }

  private:
    void sequence(const Node &node, std::size_t indent, bool first_is_placed = false) {
        for (const Node &item : node.items) {
            if (!first_is_placed)
                text_.append(indent, ' ');
            first_is_placed = false;
            text_ += "- ";
            if (item.is_mapping() && !item.members.empty())
                mapping(item, indent + 2, true);
            else if (item.is_sequence() && !item.items.empty())
                sequence(item, indent + 2, true);
            else
                leaf(item, indent + 2);
        }
    }

    void leaf(const Node &node, std::size_t indent) {
        switch (node.kind) {
        case Kind::null:
            text_ += "null";
            break;
        case Kind::sequence:
            text_ += "[]";
            break;
        case Kind::mapping:
            text_ += "{}";
            break;
        case Kind::string:
            scalar(node.text, false, indent);
            break;
        default:
            text_ += scalar_text(node);
        }
        text_ += '\n';
    }

    void scalar(const std::string &text, bool key, std::size_t indent) {
        const ScalarStyle style = scalar_style(text, key);
        if (style == ScalarStyle::plain)
            text_ += text;
        else
            text_ += write_scalar(text, style, indent);
    }

    std::string text_;
};

} // namespace

std::string render_yaml(const Node &canonical, bool interpolated) {
    Writer writer;
    writer.mapping(canonical, 0);
    std::string text = writer.take();
    return interpolated ? escape_dollars(text) : text;
}

} // namespace compose
