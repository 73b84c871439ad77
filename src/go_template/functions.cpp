#include "go_template/functions.hpp"

#include "go_template/printf.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

namespace go_template {

namespace {

using Arguments = std::vector<Value>;

const std::string &text(const Arguments &arguments, std::size_t index) {
    if (!arguments[index].is_string())
        throw BadCall("argument " + std::to_string(index + 1) + " must be a text, it is of type "
                      + type_of(arguments[index]));
    return arguments[index].get_ref<const std::string &>();
}

std::int64_t integer(const Arguments &arguments, std::size_t index) {
    const auto value = base::json_as<std::int64_t>(arguments[index]);
    if (!value)
        throw BadCall("argument " + std::to_string(index + 1) + " must be a whole number");
    return *value;
}

Value limited(std::string result) {
    if (result.size() > longest_text)
        throw BadCall("the text becomes too long");
    return result;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

template <char (*Change)(char)>
Value changed(const Arguments &arguments) {
    std::string result = text(arguments, 0);
    std::transform(result.begin(), result.end(), result.begin(), Change);
    return result;
}

Value title(const Arguments &arguments) {
    std::string result = text(arguments, 0);
    bool begins = true;
    for (char &c : result) {
        c = begins ? upper(c) : c;
        begins = c == ' ' || c == '\t' || c == '\n';
    }
    return result;
}

Value json(const Arguments &arguments) {
    return limited(base::dump_json(without_methods(arguments[0])));
}

Value split_text(const Arguments &arguments) {
    const std::string &whole = text(arguments, 0);
    const std::string &separator = text(arguments, 1);
    Value parts = Value::array();
    std::size_t begin = 0;
    if (separator.empty()) {
        for (std::size_t at = 1; at <= whole.size(); ++at)
            if (at == whole.size() || (whole[at] & 0xc0) != 0x80) {
                parts.push_back(whole.substr(begin, at - begin));
                begin = at;
            }
        return parts;
    }
    for (std::size_t end = whole.find(separator); end != std::string::npos;
         end = whole.find(separator, begin)) {
        parts.push_back(whole.substr(begin, end - begin));
        begin = end + separator.size();
    }
    parts.push_back(whole.substr(begin));
    return parts;
}

Value join(const Arguments &arguments) {
    if (!arguments[0].is_array() && !arguments[0].is_null())
        throw BadCall("argument 1 must be a list, it is of type " + type_of(arguments[0]));
    const std::string &separator = text(arguments, 1);
    std::string result;
    for (std::size_t at = 0; at < arguments[0].size(); ++at)
        result += (at > 0 ? separator : "") + printed(arguments[0][at]);
    return limited(std::move(result));
}

// Docker's: blanks before and behind, none for an empty text.
Value pad(const Arguments &arguments) {
    const std::string &whole = text(arguments, 0);
    const auto before = integer(arguments, 1), behind = integer(arguments, 2);
    constexpr std::int64_t most = 1000;
    if (before < 0 || behind < 0 || before > most || behind > most)
        throw BadCall("the number of blanks must be 0 to 1000");
    if (whole.empty())
        return whole;
    return limited(std::string(static_cast<std::size_t>(before), ' ') + whole
                   + std::string(static_cast<std::size_t>(behind), ' '));
}

Value truncate(const Arguments &arguments) {
    const std::string &whole = text(arguments, 0);
    const auto length = static_cast<std::size_t>(std::max<std::int64_t>(integer(arguments, 1), 0));
    std::size_t at = 0;
    for (std::size_t count = 0; at < whole.size(); ++at)
        if ((whole[at] & 0xc0) != 0x80 && ++count > length)
            break;
    return whole.substr(0, at);
}

Value length(const Arguments &arguments) {
    const Value &value = arguments[0];
    if (value.is_string())
        return value.get_ref<const std::string &>().size();
    if (!value.is_array() && !value.is_object())
        throw BadCall("what is of type " + type_of(value) + " has no length");
    return without_methods(value).size();
}

std::size_t place_in(const Arguments &arguments, std::size_t index, std::size_t size) {
    const std::int64_t place = integer(arguments, index);
    if (place < 0 || static_cast<std::size_t>(place) > size)
        throw BadCall(std::to_string(place) + " is out of range, there are " + std::to_string(size));
    return static_cast<std::size_t>(place);
}

Value index(const Arguments &arguments) {
    Value value = arguments[0];
    for (std::size_t each = 1; each < arguments.size(); ++each) {
        if (value.is_object()) {
            const auto found = value.find(text(arguments, each));
            // A key that is not there gives the empty value: that of maps of texts.
            value = found == value.end() ? Value("") : Value(*found);
        } else if (value.is_array()) {
            const std::size_t place = place_in(arguments, each, value.size());
            if (place == value.size())
                throw BadCall(std::to_string(place) + " is out of range, there are "
                              + std::to_string(value.size()));
            value = Value(value[place]);
        } else {
            throw BadCall("what is of type " + type_of(value) + " has no members");
        }
    }
    return value;
}

Value slice(const Arguments &arguments) {
    const Value &value = arguments[0];
    if (!value.is_string() && !value.is_array())
        throw BadCall("what is of type " + type_of(value) + " can't be cut");
    const std::size_t size = value.is_string() ? value.get_ref<const std::string &>().size() : value.size();
    const std::size_t begin = arguments.size() > 1 ? place_in(arguments, 1, size) : 0;
    const std::size_t end = arguments.size() > 2 ? place_in(arguments, 2, size) : size;
    if (begin > end)
        throw BadCall("the begin is behind the end");
    if (value.is_string())
        return value.get_ref<const std::string &>().substr(begin, end - begin);
    Value result = Value::array();
    for (std::size_t at = begin; at < end; ++at)
        result.push_back(value[at]);
    return result;
}

bool is_equal(const Value &left, const Value &right) {
    if (left.is_null() || right.is_null())
        return left.is_null() && right.is_null();
    const auto order = compare(left, right);
    if (!order)
        throw BadCall("types " + type_of(left) + " and " + type_of(right) + " can't be compared");
    return *order == 0;
}

Value equal(const Arguments &arguments) {
    return std::any_of(arguments.begin() + 1, arguments.end(),
                       [&](const Value &each) { return is_equal(arguments[0], each); });
}

std::partial_ordering order_of(const Arguments &arguments) {
    const auto order = compare(arguments[0], arguments[1]);
    if (!order || arguments[0].is_boolean())
        throw BadCall("types " + type_of(arguments[0]) + " and " + type_of(arguments[1]) + " have no order");
    return *order;
}

// A blank between two of which none is a text.
Value print(const Arguments &arguments) {
    std::string result;
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        if (at > 0 && !arguments[at].is_string() && !arguments[at - 1].is_string())
            result += ' ';
        result += printed(arguments[at]);
    }
    return limited(std::move(result));
}

Value print_line(const Arguments &arguments) {
    std::string result;
    for (const Value &each : arguments)
        result += (result.empty() ? "" : " ") + printed(each);
    return limited(result + "\n");
}

Value print_formatted(const Arguments &arguments) {
    return limited(formatted(text(arguments, 0), {arguments.begin() + 1, arguments.end()}));
}

struct Function {
    std::size_t least, most;
    Value (*run)(const Arguments &);
};

constexpr std::size_t any = SIZE_MAX;

const std::map<std::string, Function> functions{
    {"and", {1, any, [](const Arguments &) { return Value(); }}}, // the caller's, who need not evaluate all
    {"eq", {2, any, equal}},
    {"ge", {2, 2, [](const Arguments &each) { return Value(order_of(each) >= 0); }}},
    {"gt", {2, 2, [](const Arguments &each) { return Value(order_of(each) > 0); }}},
    {"index", {1, any, index}},
    {"join", {2, 2, join}},
    {"json", {1, 1, json}},
    {"le", {2, 2, [](const Arguments &each) { return Value(order_of(each) <= 0); }}},
    {"len", {1, 1, length}},
    {"lower", {1, 1, changed<lower>}},
    {"lt", {2, 2, [](const Arguments &each) { return Value(order_of(each) < 0); }}},
    {"ne", {2, 2, [](const Arguments &each) { return Value(!is_equal(each[0], each[1])); }}},
    {"not", {1, 1, [](const Arguments &each) { return Value(!is_true(each[0])); }}},
    {"or", {1, any, [](const Arguments &) { return Value(); }}},
    {"pad", {3, 3, pad}},
    {"print", {0, any, print}},
    {"printf", {1, any, print_formatted}},
    {"println", {0, any, print_line}},
    {"slice", {1, 3, slice}},
    {"split", {2, 2, split_text}},
    {"title", {1, 1, title}},
    {"truncate", {2, 2, truncate}},
    {"upper", {1, 1, changed<upper>}},
};

} // namespace

bool is_function(const std::string &name) {
    return functions.contains(name);
}

std::vector<std::string> function_names() {
    std::vector<std::string> names;
    for (const auto &[name, function] : functions)
        names.push_back(name);
    return names;
}

Value call(const std::string &name, const std::vector<Value> &arguments) {
    const Function &function = functions.at(name);
    if (arguments.size() < function.least || arguments.size() > function.most)
        throw BadCall("it has " + std::to_string(arguments.size()) + " arguments, and takes "
                      + (arguments.size() < function.least ? "at least " + std::to_string(function.least)
                                                           : "at most " + std::to_string(function.most)));
    return function.run(arguments);
}

} // namespace go_template
