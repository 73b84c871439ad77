// Docker's JSON form of a profile.
#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/container/seccomp.hpp"

namespace container {

namespace {

using base::Json;

class Reader {
  public:
    explicit Reader(std::string subject) : subject_(std::move(subject)) {}

    template <typename T>
    void read(const Json &object, const char *key, T &into) const {
        const auto found = object.find(key);
        if (found == object.end() || found->is_null())
            return;
        auto value = base::json_as<T>(*found);
        if (!value)
            throw base::Error(subject_ + ": \"" + key + "\" has the wrong type");
        into = std::move(*value);
    }

    void read(const Json &object, const char *key, std::optional<unsigned> &into) const {
        if (const auto found = object.find(key); found != object.end() && !found->is_null()) {
            into = 0;
            read(object, key, *into);
        }
    }

    SeccompCondition condition(const Json &rule, const char *key) const {
        SeccompCondition result;
        Json object = Json::object();
        read(rule, key, object);
        read(object, "arches", result.arches);
        read(object, "caps", result.caps);
        read(object, "minKernel", result.min_kernel);
        return result;
    }

    SeccompRule rule(const Json &object) const {
        SeccompRule rule;
        read(object, "names", rule.names);
        if (std::string name; object.contains("name")) {
            read(object, "name", name);
            rule.names.push_back(name);
        }
        read(object, "action", rule.action);
        read(object, "errnoRet", rule.errno_ret);
        if (rule.names.empty() || rule.action.empty())
            throw base::Error(subject_
                              + ": a rule needs \"names\" and \"action\": " + base::dump_json(object));
        Json args = Json::array();
        read(object, "args", args);
        for (const auto &item : args) {
            auto &arg = rule.args.emplace_back();
            read(item, "index", arg.index);
            read(item, "value", arg.value);
            read(item, "valueTwo", arg.value_two);
            read(item, "op", arg.op);
            if (arg.index > 5)
                throw base::Error(subject_ + ": a system call has arguments 0 to 5, not "
                                  + std::to_string(arg.index));
        }
        rule.includes = condition(object, "includes");
        rule.excludes = condition(object, "excludes");
        return rule;
    }

  private:
    std::string subject_;
};

} // namespace

SeccompProfile parse_seccomp_profile(std::string_view text, const std::string &subject) {
    const auto json = base::parse_json(text, subject);
    if (!json.is_object() || !json.contains("defaultAction"))
        throw base::Error(subject + ": no \"defaultAction\"",
                          "a profile is a JSON object as docs.docker.com/engine/security/seccomp describes");
    const Reader reader(subject);
    SeccompProfile profile;
    reader.read(json, "defaultAction", profile.default_action);
    reader.read(json, "defaultErrnoRet", profile.default_errno_ret);
    Json arch_map = Json::array();
    reader.read(json, "archMap", arch_map);
    for (const auto &item : arch_map) {
        std::string native;
        reader.read(item, "architecture", native);
        reader.read(item, "subArchitectures", profile.arch_map[native]);
    }
    // The older form lists them flat; the first is the native one.
    std::vector<std::string> flat;
    reader.read(json, "architectures", flat);
    if (!flat.empty())
        profile.arch_map[flat.front()] = {flat.begin() + 1, flat.end()};
    Json rules = Json::array();
    reader.read(json, "syscalls", rules);
    for (const auto &item : rules)
        profile.rules.push_back(reader.rule(item));
    return profile;
}

SeccompChoice choose_seccomp(const std::vector<std::string> &security_opt, bool privileged) {
    SeccompChoice choice;
    choice.unconfined = privileged;
    constexpr std::string_view key = "seccomp";
    for (const auto &option : security_opt) {
        if (!option.starts_with(key) || option.size() <= key.size()
            || (option[key.size()] != '=' && option[key.size()] != ':'))
            continue;
        const auto value = option.substr(key.size() + 1);
        if (value.empty())
            throw base::Error("security_opt \"" + option + "\" names no profile",
                              "use seccomp=unconfined, seccomp=builtin or seccomp=FILE");
        choice.unconfined = value == "unconfined";
        choice.profile = value == "unconfined" || value == "builtin" ? std::string() : value;
    }
    return choice;
}

} // namespace container
