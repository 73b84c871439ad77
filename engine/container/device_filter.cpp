#include "engine/container/device_filter.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <charconv>

namespace container {

namespace {

DeviceRule character(std::optional<std::uint32_t> major, std::optional<std::uint32_t> minor,
                     std::string access = "rwm") {
    return {true, 'c', major, minor, std::move(access)};
}

// Letters of `access` that are (not) in `other`, in the order r, w, m.
std::string combine(const std::string &access, const std::string &other, bool keep_others) {
    std::string result;
    for (const char letter : std::string("rwm")) {
        const bool in_both =
            access.find(letter) != std::string::npos && other.find(letter) == std::string::npos;
        const bool in_other = keep_others && other.find(letter) != std::string::npos;
        if (in_both || in_other)
            result += letter;
    }
    return result;
}

bool same_devices(const DeviceRule &a, const DeviceRule &b) {
    return a.type == b.type && a.major == b.major && a.minor == b.minor;
}

bool parse_number(std::string_view text, std::optional<std::uint32_t> &into) {
    if (text == "*")
        return true;
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    into = value;
    return error == std::errc{} && end == text.data() + text.size();
}

} // namespace

std::vector<DeviceRule> default_device_rules() {
    return {
        {false, 'a', {}, {}, "rwm"},
        character({}, {}, "m"),
        {true, 'b', {}, {}, "m"},
        character(1, 3),    // null
        character(1, 5),    // zero
        character(1, 7),    // full
        character(1, 8),    // random
        character(1, 9),    // urandom
        character(5, 0),    // tty
        character(5, 1),    // console
        character(5, 2),    // ptmx
        character(10, 200), // net/tun
        character(136, {}), // pts/*
    };
}

DeviceRule parse_device_rule(std::string_view text) {
    const auto invalid = [&] {
        return base::Error(
            "invalid device rule \"" + std::string(text) + "\"",
            "the form is TYPE MAJOR:MINOR ACCESS, as in \"c 1:3 rwm\"; TYPE is a, b or c, a number may "
            "be *");
    };
    const auto type_end = text.find(' ');
    const auto colon = text.find(':');
    const auto numbers_end = text.rfind(' ');
    if (type_end != 1 || colon == std::string_view::npos || numbers_end <= colon)
        throw invalid();
    DeviceRule rule;
    rule.type = text.front();
    const auto access = text.substr(numbers_end + 1);
    if (!parse_number(text.substr(2, colon - 2), rule.major)
        || !parse_number(text.substr(colon + 1, numbers_end - colon - 1), rule.minor)
        || std::string_view("abc").find(rule.type) == std::string_view::npos || access.empty()
        || access.find_first_not_of("rwm") != std::string_view::npos)
        throw invalid();
    rule.access = combine(std::string(access), "", false);
    return rule;
}

std::string to_string(const DeviceRule &rule) {
    const auto number = [](const std::optional<std::uint32_t> &value) {
        return value ? std::to_string(*value) : std::string("*");
    };
    return std::string(1, rule.type) + " " + number(rule.major) + ":" + number(rule.minor) + " "
           + rule.access;
}

DevicePolicy device_policy(const std::vector<DeviceRule> &rules) {
    DevicePolicy policy;
    for (const auto &rule : rules) {
        if (rule.type == 'a' && !rule.major && !rule.minor) {
            policy = {rule.allow, {}};
            continue;
        }
        const auto known = std::find_if(policy.exceptions.begin(), policy.exceptions.end(),
                                        [&](const DeviceRule &other) { return same_devices(rule, other); });
        const bool is_exception = rule.allow != policy.allow_by_default;
        if (known == policy.exceptions.end()) {
            if (is_exception)
                policy.exceptions.push_back(rule);
            continue;
        }
        known->access = is_exception ? combine(known->access, rule.access, true)
                                     : combine(known->access, rule.access, false);
        if (known->access.empty())
            policy.exceptions.erase(known);
    }
    return policy;
}

} // namespace container
