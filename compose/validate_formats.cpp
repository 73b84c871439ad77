#include "base/suggest.hpp"
#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

#include <map>
#include <regex.h>

namespace compose {

namespace {

// What a text attribute must look like. POSIX extended expressions, matched as a whole.
struct Format {
    std::string_view attribute;
    const char *pattern;
    const char *hint;
};

constexpr Format formats[] = {
    {"container_name", "[a-zA-Z0-9][a-zA-Z0-9_.-]+", "use letters, digits, \"_\", \".\" and \"-\""},
    {"hostname", "[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?", "use letters, digits, \".\" and \"-\""},
    {"domainname", "[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?", "use letters, digits, \".\" and \"-\""},
    {"restart", "no|always|unless-stopped|on-failure(:[0-9]+)?",
     "it is no, always, unless-stopped, on-failure or on-failure:N"},
    {"pull_policy", "always|never|missing|build|daily|weekly|refresh|every_([0-9]+[wdhms])+",
     "it is always, never, missing, build, daily, weekly, refresh or every_DURATION"},
    {"network_mode", "none|host|bridge|default|(service|container):.+",
     "it is none, host, bridge, service:NAME or container:NAME"},
    {"pid", "host|private|(service|container):.+", "it is host, service:NAME or container:NAME"},
    {"ipc", "host|private|none|shareable|(service|container):.+",
     "it is host, private, shareable, none, service:NAME or container:NAME"},
    {"uts", "host|private", "it is host"},
    {"userns_mode", "host|auto|private", "it is host, or auto for a user namespace of its own"},
    {"cpuset", "[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*", "write it as 0-3,5"},
    {"mac_address", "([0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}", "write it as 02:42:ac:11:00:02"},
    {"platform", "[a-z0-9_]+(/[a-z0-9_]+){0,2}", "write it as linux/amd64"},
    {"working_dir", "/.*", "write an absolute path"},
    {"stop_signal", "[A-Za-z][A-Za-z0-9+-]*|[0-9]+", "write it as SIGINT"},
};

class Expression {
  public:
    explicit Expression(const char *pattern)
        : valid_(regcomp(&compiled_, ("^(" + std::string(pattern) + ")$").c_str(), REG_EXTENDED | REG_NOSUB)
                 == 0) {}

    ~Expression() {
        if (valid_)
            regfree(&compiled_);
    }

    Expression(const Expression &) = delete;
    Expression &operator=(const Expression &) = delete;

    [[nodiscard]] bool matches(const std::string &text) const {
        return valid_ && regexec(&compiled_, text.c_str(), 0, nullptr, 0) == 0;
    }

  private:
    regex_t compiled_{};
    bool valid_;
};

// Compiling takes a hundred times as long as matching, so each is compiled once, when it is needed.
bool matches(const std::string &text, const char *pattern) {
    static std::map<std::string_view, Expression> compiled;
    return compiled.try_emplace(pattern, pattern).first->second.matches(text);
}

struct Limits {
    std::string_view attribute;
    std::int64_t least, most;
};

constexpr Limits limits[] = {
    {"oom_score_adj", -1000, 1000},
    {"mem_swappiness", 0, 100},
    {"cpu_shares", 0, 262144},
    {"pids_limit", -1, 4194304},
};

void check_words(const ServiceView &service, Diagnostics &diagnostics) {
    for (const Format &format : formats) {
        const Node *value = service.find(format.attribute);
        if (value == nullptr || value->kind != Kind::string || value->text.empty() || is_unresolved(*value)
            || matches(value->text, format.pattern))
            continue;
        diagnostics.error(value->location, service.path(format.attribute),
                          std::string(format.attribute) + " cannot be \"" + value->text + "\"", format.hint);
    }
    if (const Node *profiles = service.find("profiles"))
        for (const Node &profile : profiles->items)
            if (!is_unresolved(profile) && !matches(profile.text, "[a-zA-Z0-9][a-zA-Z0-9_.-]*"))
                diagnostics.error(profile.location, service.path("profiles"),
                                  "a profile cannot be called \"" + profile.text + "\"",
                                  "use letters, digits, \"_\", \".\" and \"-\"");
}

void check_numbers(const ServiceView &service, Diagnostics &diagnostics) {
    for (const Limits &limit : limits) {
        const Node *value = service.find(limit.attribute);
        const auto number = value == nullptr ? std::nullopt : read_bytes(*value);
        if (number && (*number < limit.least || *number > limit.most))
            diagnostics.error(value->location, service.path(limit.attribute),
                              std::string(limit.attribute) + " cannot be " + value->text,
                              "it is between " + std::to_string(limit.least) + " and "
                                  + std::to_string(limit.most));
    }
    if (const Node *cpus = service.find("cpus"); cpus != nullptr && read_number(*cpus).value_or(0) < 0)
        diagnostics.error(cpus->location, service.path("cpus"), "cpus cannot be " + cpus->text,
                          "0 is no limit");
    if (const Node *ulimits = service.find("ulimits"))
        for (const Member &member : ulimits->members) {
            const Node *soft = member.value.find("soft");
            const Node *hard = member.value.find("hard");
            if (soft == nullptr || hard == nullptr)
                continue;
            const auto low = read_integer(*soft);
            const auto high = read_integer(*hard);
            if (low && high && *high != -1 && (*low == -1 || *low > *high))
                diagnostics.error(soft->location, service.path("ulimits"),
                                  "the soft limit of " + member.key + " is above the hard one",
                                  "lower soft to " + hard->text);
        }
}

void check_environment(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *environment = service.find("environment");
    if (environment == nullptr)
        return;
    for (const Member &member : environment->members) {
        const auto space = member.key.find_first_of(" \t");
        if (member.key.empty() || space != std::string::npos)
            diagnostics.error(member.key_location, service.path("environment"),
                              "\"" + member.key + "\" is not the name of a variable",
                              space == std::string::npos ? "write KEY=VALUE"
                                                         : "remove the space before \"=\"");
    }
}

void check_devices(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *devices = service.find("devices");
    if (devices == nullptr)
        return;
    for (const Node &device : devices->items) {
        const Node *source = device.find("source");
        if (source != nullptr && matches(source->text, "[^/=]+/[^/=]+=.+"))
            diagnostics.unsupported(source->location, service.path("devices"),
                                    "\"" + source->text + "\": devices of CDI are not supported yet",
                                    "name the device nodes");
        const Node *permissions = device.find("permissions");
        if (permissions != nullptr && !matches(permissions->text, "[rwm]{1,3}"))
            diagnostics.error(permissions->location, service.path("devices"),
                              "device permissions cannot be \"" + permissions->text + "\"",
                              "they are a combination of r, w and m");
    }
}

void check_logging(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *logging = service.find("logging");
    const Node *driver = logging == nullptr ? nullptr : logging->find("driver");
    if (driver == nullptr || is_unresolved(*driver))
        return;
    for (const std::string_view known : {"", "json-file", "local", "none"})
        if (driver->text == known)
            return;
    const std::string near = base::did_you_mean(driver->text, {"json-file", "local", "none"});
    diagnostics.unsupported(driver->location, service.path("logging"),
                            "logging driver \"" + driver->text + "\" is not supported yet",
                            near.empty() ? "use json-file, local or none" : near);
}

} // namespace

void check_formats(const ServiceView &service, Diagnostics &diagnostics) {
    check_words(service, diagnostics);
    check_numbers(service, diagnostics);
    check_environment(service, diagnostics);
    check_devices(service, diagnostics);
    check_logging(service, diagnostics);
}

} // namespace compose
