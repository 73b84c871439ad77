#include "go_template/value.hpp"

#include "go_template/template.hpp"

#include <array>
#include <charconv>
#include <map>

namespace go_template {

namespace {

constexpr std::string_view method_mark = "()";

std::string of_float(double value) {
    std::array<char, 64> text{};
    // The shortest that reads back as the same; an exponent from 1e21 on, as in Go.
    const double size = value < 0 ? -value : value;
    const auto format =
        size != 0 && (size < 1e-4 || size >= 1e21) ? std::chars_format::scientific : std::chars_format::fixed;
    const auto written = std::to_chars(text.data(), text.data() + text.size(), value, format);
    return {text.data(), written.ptr};
}

// Methods are no members.
std::map<std::string, const Value *> sorted_members(const Value &object) {
    std::map<std::string, const Value *> members;
    for (const auto &[key, value] : object.items())
        if (!key.starts_with(method_mark))
            members[key] = &value;
    return members;
}

} // namespace

std::string method(const std::string &name) {
    return std::string(method_mark) + name;
}

std::string type_of(const Value &value) {
    if (value.is_string())
        return "string";
    if (value.is_number_float())
        return "float64";
    if (value.is_number())
        return "int";
    if (value.is_boolean())
        return "bool";
    return value.is_array() ? "list" : value.is_object() ? "map" : "nil";
}

bool is_true(const Value &value) {
    if (value.is_boolean())
        return value.get<bool>();
    if (value.is_number())
        return value != 0;
    if (value.is_string())
        return !value.get_ref<const std::string &>().empty();
    return !value.empty();
}

std::string text_of(const Value &value) {
    return value.is_null() ? "<no value>" : printed(value);
}

std::string printed(const Value &value) {
    if (value.is_null())
        return "<nil>";
    if (value.is_string())
        return value.get<std::string>();
    if (value.is_number_float())
        return of_float(value.get<double>());
    std::string text;
    if (value.is_array()) {
        for (const Value &each : value)
            text += (text.empty() ? "" : " ") + printed(each);
        return "[" + text + "]";
    }
    if (value.is_object()) {
        for (const auto &[key, member] : sorted_members(value))
            text += (text.empty() ? "" : " ") + key + ":" + printed(*member);
        return "map[" + text + "]";
    }
    return base::dump_json(value);
}

Value without_methods(const Value &value) {
    if (!value.is_object())
        return value;
    Value result = Value::object();
    for (const auto &[key, member] : value.items())
        if (!key.starts_with(method_mark))
            result[key] = member;
    return result;
}

std::optional<std::partial_ordering> compare(const Value &left, const Value &right) {
    if (left.is_number_float() || right.is_number_float()) {
        if (left.is_number() && right.is_number())
            return left.get<double>() <=> right.get<double>();
    } else if (left.is_number() && right.is_number()) {
        return left < right   ? std::partial_ordering::less
               : right < left ? std::partial_ordering::greater
                              : std::partial_ordering::equivalent;
    }
    if (left.is_string() && right.is_string())
        return left.get_ref<const std::string &>() <=> right.get_ref<const std::string &>();
    if (left.is_boolean() && right.is_boolean())
        return left.get<bool>() <=> right.get<bool>();
    return std::nullopt;
}

} // namespace go_template
