#include "engine/build/environment.hpp"

#include <algorithm>

namespace build {

Environment::Environment(const std::vector<std::string> &list) {
    for (const std::string &entry : list) {
        const std::size_t equals = entry.find('=');
        set(entry.substr(0, equals), equals == std::string::npos ? std::string() : entry.substr(equals + 1));
    }
}

void Environment::set(const std::string &name, std::string value) {
    const auto found =
        std::find_if(values_.begin(), values_.end(), [&](const auto &each) { return each.first == name; });
    if (found != values_.end())
        found->second = std::move(value);
    else
        values_.emplace_back(name, std::move(value));
}

const std::string *Environment::find(std::string_view name) const {
    const auto found =
        std::find_if(values_.begin(), values_.end(), [&](const auto &each) { return each.first == name; });
    return found == values_.end() ? nullptr : &found->second;
}

std::vector<std::string> Environment::list() const {
    std::vector<std::string> result;
    for (const auto &[name, value] : values_)
        result.push_back(name + "=" + value);
    return result;
}

std::vector<std::string> Environment::names() const {
    std::vector<std::string> result;
    for (const auto &[name, value] : values_)
        result.push_back(name);
    return result;
}

} // namespace build
