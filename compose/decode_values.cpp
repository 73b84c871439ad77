#include "compose/decode_values.hpp"

#include "compose/values.hpp"

#include <cmath>

namespace compose {

namespace {

template <typename Value, typename Read>
std::optional<Value> read(const Node &object, std::string_view key, Read function) {
    const Node *node = object.find(key);
    if (node == nullptr)
        return std::nullopt;
    if (const auto value = function(*node))
        return Value{*value};
    return std::nullopt;
}

} // namespace

std::optional<std::string> get_optional_text(const Node &object, std::string_view key) {
    const Node *node = object.find(key);
    if (node == nullptr || !node->is_scalar())
        return std::nullopt;
    return node->text;
}

std::string get_text(const Node &object, std::string_view key, std::string fallback) {
    return get_optional_text(object, key).value_or(std::move(fallback));
}

std::optional<bool> get_optional_boolean(const Node &object, std::string_view key) {
    return read<bool>(object, key, read_boolean);
}

bool get_boolean(const Node &object, std::string_view key, bool fallback) {
    return get_optional_boolean(object, key).value_or(fallback);
}

std::optional<std::int64_t> get_integer(const Node &object, std::string_view key) {
    return read<std::int64_t>(object, key, read_integer);
}

std::optional<std::int64_t> get_limit(const Node &object, std::string_view key) {
    const auto value = get_integer(object, key);
    return value == 0 ? std::nullopt : value;
}

std::optional<Bytes> get_bytes(const Node &object, std::string_view key) {
    const auto value = read<Bytes>(object, key, read_bytes);
    return value && value->value == 0 ? std::nullopt : value;
}

std::optional<Duration> get_duration(const Node &object, std::string_view key) {
    return read<Duration>(object, key, read_duration);
}

std::optional<NanoCpus> get_cpus(const Node &object, std::string_view key) {
    const auto value = read<double>(object, key, read_number);
    if (!value || *value <= 0)
        return std::nullopt;
    return NanoCpus{std::llround(*value * 1e9)};
}

std::vector<std::string> get_texts(const Node &object, std::string_view key) {
    std::vector<std::string> texts;
    for (const Node &item : items_of(object, key))
        texts.push_back(item.text);
    return texts;
}

std::map<std::string, std::string> get_map(const Node &object, std::string_view key) {
    std::map<std::string, std::string> pairs;
    for (const Member &member : members_of(object, key))
        pairs.emplace(member.key, member.value.text);
    return pairs;
}

const std::vector<Node> &items_of(const Node &object, std::string_view key) {
    static const std::vector<Node> none;
    const Node *node = object.find(key);
    return node == nullptr ? none : node->items;
}

const std::vector<Member> &members_of(const Node &object, std::string_view key) {
    static const std::vector<Member> none;
    const Node *node = object.find(key);
    return node == nullptr ? none : node->members;
}

NamespaceMode get_namespace(const Node &object, std::string_view key) {
    using Mode = NamespaceMode::Kind;
    static const std::map<std::string_view, Mode> words{
        {"host", Mode::host},      {"none", Mode::none},        {"bridge", Mode::bridge},
        {"default", Mode::bridge}, {"private", Mode::private_}, {"shareable", Mode::shareable},
        {"auto", Mode::private_},
    };
    NamespaceMode mode;
    const Node *node = object.find(key);
    if (node == nullptr || node->text.empty())
        return mode;
    mode.location = node->location;
    const auto colon = node->text.find(':');
    const std::string_view word = std::string_view(node->text).substr(0, colon);
    if (colon != std::string::npos) {
        mode.kind = word == "service" ? Mode::service : Mode::container;
        mode.name = node->text.substr(colon + 1);
    } else if (const auto found = words.find(word); found != words.end()) {
        mode.kind = found->second;
    }
    return mode;
}

} // namespace compose
