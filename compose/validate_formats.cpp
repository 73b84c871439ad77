#include "compose/cdi_name.hpp"
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
    bool may_be_empty = true; // as if it were not given
};

constexpr Format formats[] = {
    {"container_name", "[a-zA-Z0-9][a-zA-Z0-9_.-]+", "use letters, digits, \"_\", \".\" and \"-\""},
    {"hostname", "[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?", "use letters, digits, \".\" and \"-\""},
    {"domainname", "[a-zA-Z0-9]([a-zA-Z0-9_.-]*[a-zA-Z0-9])?", "use letters, digits, \".\" and \"-\""},
    {"restart", "no|always|unless-stopped|on-failure(:[0-9]+)?",
     "it is no, always, unless-stopped, on-failure or on-failure:N"},
    {"pull_policy", "always|never|missing|build|daily|weekly|refresh|every_([0-9]+[wdhms])+",
     "it is always, never, missing, build, daily, weekly, refresh or every_DURATION", false},
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

void check_words(const ServiceView &service, Diagnostics &diagnostics) {
    for (const Format &format : formats) {
        const Node *value = service.find(format.attribute);
        if (value == nullptr || value->kind != Kind::string || is_unresolved(*value)
            || (value->text.empty() && format.may_be_empty) || matches(value->text, format.pattern))
            continue;
        diagnostics.error(value->location, service.path(format.attribute),
                          std::string(format.attribute) + " cannot be \"" + value->text + "\"", format.hint);
    }
    if (const Node *groups = service.find("group_add"))
        for (const Node &group : groups->items)
            if (!is_unresolved(group) && !matches(group.text, "[0-9]+|[a-zA-Z_][a-zA-Z0-9_.-]*[$]?"))
                diagnostics.error(group.location, service.path("group_add"),
                                  "a group cannot be \"" + group.text + "\"", "write its name or its number");
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

void check_device_rules(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *rules = service.find("device_cgroup_rules");
    if (rules == nullptr)
        return;
    for (const Node &rule : rules->items)
        if (!is_unresolved(rule) && !matches(rule.text, "[abc] ([0-9]+|[*]):([0-9]+|[*]) [rwm]{1,3}"))
            diagnostics.error(rule.location, service.path("device_cgroup_rules"),
                              "a device rule cannot be \"" + rule.text + "\"",
                              "write TYPE MAJOR:MINOR ACCESS, e.g. \"c 1:3 rwm\"; * is any number");
}

void check_devices(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *devices = service.find("devices");
    if (devices == nullptr)
        return;
    for (const Node &device : devices->items) {
        const Node *source = device.find("source");
        const Node *target = device.find("target");
        if (source != nullptr && target != nullptr && is_cdi_device(source->text)
            && target->text != source->text)
            diagnostics.error(target->location, service.path("devices"),
                              "a device of CDI has no target: \"" + target->text + "\"",
                              "leave it out; the specification of " + source->text
                                  + " says where it appears");
        const Node *permissions = device.find("permissions");
        if (source != nullptr && permissions != nullptr && is_cdi_device(source->text)
            && permissions->text != "rwm")
            diagnostics.error(permissions->location, service.path("devices"),
                              "a device of CDI has no permissions: \"" + permissions->text + "\"",
                              "leave them out; the specification of " + source->text + " has them");
        if (permissions != nullptr && !matches(permissions->text, "[rwm]{1,3}"))
            diagnostics.error(permissions->location, service.path("devices"),
                              "device permissions cannot be \"" + permissions->text + "\"",
                              "they are a combination of r, w and m");
    }
}

} // namespace

// An empty one is none: profiles: ["${DISABLED:+disabled}"].
void check_profiles(const ServiceView &service, Diagnostics &diagnostics) {
    if (const Node *profiles = service.find("profiles"))
        for (const Node &profile : profiles->items)
            if (!is_unresolved(profile) && !profile.text.empty()
                && !matches(profile.text, "[a-zA-Z0-9][a-zA-Z0-9_.-]*"))
                diagnostics.error(profile.location, service.path("profiles"),
                                  "a profile cannot be called \"" + profile.text + "\"",
                                  "use letters, digits, \"_\", \".\" and \"-\"");
}

void check_formats(const ServiceView &service, Diagnostics &diagnostics) {
    check_words(service, diagnostics);
    check_environment(service, diagnostics);
    check_devices(service, diagnostics);
    check_device_rules(service, diagnostics);
}

} // namespace compose
