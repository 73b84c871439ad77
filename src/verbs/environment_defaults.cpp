#include "verbs/environment_defaults.hpp"

#include "base/error.hpp"
#include "verbs/context.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace cli {

namespace {

std::string value_of(const std::map<std::string, std::string> &environment, const std::string &name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : found->second;
}

int parse_limit(const std::string &text) {
    int limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size())
        throw base::Error(fmt::format("COMPOSE_PARALLEL_LIMIT must be an integer (found: \"{}\")", text),
                          "-1 is no limit");
    return limit;
}

} // namespace

bool is_truthy(const std::map<std::string, std::string> &environment, const std::string &name) {
    std::string value = value_of(environment, name);
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return value == "1" || value == "true" || value == "y" || value == "yes";
}

void apply_environment(const std::map<std::string, std::string> &environment, GlobalOptions &options) {
    if (options.ansi.empty())
        options.ansi = value_of(environment, "COMPOSE_ANSI");
    if (const std::string progress = value_of(environment, "COMPOSE_PROGRESS");
        options.progress == "auto" && !progress.empty())
        options.progress = progress;
    if (const std::string limit = value_of(environment, "COMPOSE_PARALLEL_LIMIT");
        !options.parallel && !limit.empty())
        options.parallel = parse_limit(limit);
    options.status_on_stdout = is_truthy(environment, "COMPOSE_STATUS_STDOUT");
    options.old_names = options.compatibility || is_truthy(environment, "COMPOSE_COMPATIBILITY");
}

} // namespace cli
