#include "base/utf8.hpp"
#include "compose/attributes.hpp"
#include "compose/expand.hpp"
#include "compose/render.hpp"
#include "compose/values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace compose {

namespace {

std::string json_number(const Node &node) {
    const auto value = node.kind == Kind::real ? read_number(node) : std::nullopt;
    if (!value || !std::isfinite(*value))
        return scalar_text(node);
    std::array<char, 64> buffer{};
    const double magnitude = std::abs(*value);
    const bool plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), *value,
                                      plain ? std::chars_format::fixed : std::chars_format::scientific);
    return {buffer.data(), result.ptr};
}

// <, > and & are escaped too, as Go does for the sake of HTML.
std::string json_string(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const base::Utf8Char rune = base::utf8_decode(text.substr(at));
        const bool escaped = rune.code < 0x20 || rune.code == '<' || rune.code == '>' || rune.code == '&'
                             || rune.code == 0x2028 || rune.code == 0x2029;
        if (!rune.valid)
            out += "\\ufffd";
        else if (rune.code == '"' || rune.code == '\\')
            (out += '\\') += static_cast<char>(rune.code);
        else if (rune.code == '\n')
            out += "\\n";
        else if (rune.code == '\r')
            out += "\\r";
        else if (rune.code == '\t')
            out += "\\t";
        else if (escaped) {
            std::array<char, 8> buffer{};
            std::snprintf(buffer.data(), buffer.size(), "\\u%04x", rune.code);
            out += buffer.data();
        } else {
            out += text.substr(at, rune.size);
        }
        at += rune.size;
    }
    return out + "\"";
}

struct Entry {
    std::string key;
    const Node *value;
    const Rule *rule;
};

class Writer {
  public:
    [[nodiscard]] std::string take() { return std::move(text_); }

    void value(const Node &node, const Rule *rule, std::size_t indent) {
        switch (node.kind) {
        case Kind::null:
            text_ += "null";
            break;
        case Kind::string:
            text_ += json_string(node.text);
            break;
        case Kind::sequence:
            sequence(node, rule, indent);
            break;
        case Kind::mapping:
            mapping(node, rule, indent);
            break;
        default:
            text_ += json_number(node);
        }
    }

  private:
    // Attributes in the table's order, with those that JSON always shows; other keys by their bytes.
    // Extensions are shown at the top only.
    static std::vector<Entry> entries(const Node &node, const Rule *rule, bool top) {
        static const Node empty_object = Node::mapping();
        static const Node null;
        const bool object = rule != nullptr && !rule->named.empty();
        std::vector<Entry> result;
        if (object)
            for (const Rule::Child &child : rule->named) {
                const Node *given = node.find(child.key);
                if (given == nullptr && child.rule->has(json_object))
                    given = &empty_object;
                if (given == nullptr && child.rule->has(json_null))
                    given = &null;
                if (given == nullptr)
                    continue;
                std::string key(child.key);
                if (child.rule->has(capitalised))
                    key.front() = static_cast<char>(key.front() - 32);
                result.push_back({std::move(key), given, child.rule});
            }
        for (const Member &member : node.members) {
            const bool named =
                object && rule->child(member.key) != nullptr && rule->child(member.key) != rule->any;
            if (!named && (!object || top || rule->any != nullptr))
                result.push_back({member.key, &member.value, rule == nullptr ? nullptr : rule->any});
        }
        if (!object || top)
            std::sort(result.begin(), result.end(),
                      [](const Entry &a, const Entry &b) { return a.key < b.key; });
        return result;
    }

    void mapping(const Node &node, const Rule *rule, std::size_t indent) {
        const std::vector<Entry> members = entries(node, rule, indent == 0);
        if (members.empty()) {
            text_ += "{}";
            return;
        }
        text_ += '{';
        for (const Entry &entry : members) {
            line(indent + 2, &entry == members.data());
            text_ += json_string(entry.key) + ": ";
            value(*entry.value, entry.rule, indent + 2);
        }
        line(indent, true);
        text_ += '}';
    }

    void sequence(const Node &node, const Rule *rule, std::size_t indent) {
        if (node.items.empty()) {
            text_ += "[]";
            return;
        }
        text_ += '[';
        for (const Node &item : node.items) {
            line(indent + 2, &item == node.items.data());
            value(item, rule == nullptr ? nullptr : rule->item, indent + 2);
        }
        line(indent, true);
        text_ += ']';
    }

    void line(std::size_t indent, bool first) {
        text_ += first ? "\n" : ",\n";
        text_.append(indent, ' ');
    }

    std::string text_;
};

} // namespace

std::string render_json(const Node &canonical, bool interpolated) {
    Writer writer;
    writer.value(canonical, interpolated ? &rules() : nullptr, 0);
    std::string text = writer.take();
    return interpolated ? escape_dollars(text) : text;
}

} // namespace compose
