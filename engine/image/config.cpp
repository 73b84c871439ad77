#include "engine/image/config.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

namespace image {

namespace {

constexpr const char *build_cache_key = "compose.build.cache";

using base::Json;

using Strings = std::vector<std::string>;

constexpr std::int64_t most_retries = 1'000'000;

// Go's encoder writes null for an absent list: both mean "not set".
std::optional<Strings> list_at(const Json &object, const char *key) {
    if (!object.contains(key) || object[key].is_null())
        return std::nullopt;
    return object[key].get<Strings>();
}

// {"5432/tcp": {}}: a set in Go's spelling.
std::set<std::string> keys_at(const Json &object, const char *key) {
    std::set<std::string> keys;
    if (object.contains(key) && object[key].is_object())
        for (const auto &item : object[key].items())
            keys.insert(item.key());
    return keys;
}

std::optional<base::Timestamp> time_at(const Json &object, const char *key) {
    return base::parse_rfc3339(base::json_or<std::string>(object, key, ""));
}

// Nanoseconds; zero means "inherit the default" in Docker's configuration.
std::optional<base::Duration> duration_at(const Json &object, const char *key) {
    const auto value = base::json_or<std::int64_t>(object, key, 0);
    return value > 0 ? std::optional(base::Duration(value)) : std::nullopt;
}

std::optional<Healthcheck> healthcheck_at(const Json &object) {
    if (!object.contains("Healthcheck") || !object["Healthcheck"].is_object())
        return std::nullopt;
    const Json &json = object["Healthcheck"];
    Healthcheck check;
    check.test = list_at(json, "Test").value_or(Strings{});
    check.interval = duration_at(json, "Interval");
    check.timeout = duration_at(json, "Timeout");
    check.start_period = duration_at(json, "StartPeriod");
    check.start_interval = duration_at(json, "StartInterval");
    if (const auto retries = base::json_or<std::int64_t>(json, "Retries", 0);
        retries > 0 && retries <= most_retries)
        check.retries = static_cast<int>(retries);
    return check;
}

void read_runtime(const Json &json, ImageConfig &config) {
    config.env = list_at(json, "Env").value_or(Strings{});
    config.entrypoint = list_at(json, "Entrypoint");
    config.cmd = list_at(json, "Cmd");
    config.user = base::json_or<std::string>(json, "User", "");
    config.working_dir = base::json_or<std::string>(json, "WorkingDir", "");
    config.exposed_ports = keys_at(json, "ExposedPorts");
    config.volumes = keys_at(json, "Volumes");
    if (json.contains("Labels") && json["Labels"].is_object())
        config.labels = json["Labels"].get<std::map<std::string, std::string>>();
    config.stop_signal = base::json_or<std::string>(json, "StopSignal", "");
    config.healthcheck = healthcheck_at(json);
    config.shell = list_at(json, "Shell").value_or(Strings{});
    config.on_build = list_at(json, "OnBuild").value_or(Strings{});
}

void read_history(const Json &json, ImageConfig &config) {
    if (!json.contains("history") || !json["history"].is_array())
        return;
    for (const Json &item : json["history"])
        config.history.push_back(
            {time_at(item, "created"), base::json_or<std::string>(item, "created_by", ""),
             base::json_or<std::string>(item, "author", ""), base::json_or<std::string>(item, "comment", ""),
             base::json_or(item, "empty_layer", false)});
}

Json set_of(const std::set<std::string> &keys) {
    Json json = Json::object();
    for (const std::string &key : keys)
        json[key] = Json::object();
    return json;
}

Json healthcheck_json(const Healthcheck &check) {
    Json json = Json::object();
    if (!check.test.empty())
        json["Test"] = check.test;
    const std::pair<const char *, const std::optional<base::Duration> &> durations[] = {
        {"Interval", check.interval},
        {"Timeout", check.timeout},
        {"StartPeriod", check.start_period},
        {"StartInterval", check.start_interval},
    };
    for (const auto &[key, value] : durations)
        if (value)
            json[key] = value->count();
    if (check.retries)
        json["Retries"] = *check.retries;
    return json;
}

template <typename T>
void put(Json &json, const char *key, const T &value) {
    if (!value.empty())
        json[key] = value;
}

Json runtime_json(const ImageConfig &config) {
    Json json = Json::object();
    put(json, "User", config.user);
    if (!config.exposed_ports.empty())
        json["ExposedPorts"] = set_of(config.exposed_ports);
    put(json, "Env", config.env);
    if (config.entrypoint)
        json["Entrypoint"] = *config.entrypoint;
    if (config.cmd)
        json["Cmd"] = *config.cmd;
    if (config.healthcheck)
        json["Healthcheck"] = healthcheck_json(*config.healthcheck);
    if (!config.volumes.empty())
        json["Volumes"] = set_of(config.volumes);
    put(json, "WorkingDir", config.working_dir);
    put(json, "OnBuild", config.on_build);
    put(json, "Labels", config.labels);
    put(json, "StopSignal", config.stop_signal);
    put(json, "Shell", config.shell);
    return json;
}

Json history_json(const std::vector<HistoryEntry> &history) {
    Json json = Json::array();
    for (const HistoryEntry &entry : history) {
        Json item = Json::object();
        if (entry.created)
            item["created"] = base::format_rfc3339(*entry.created);
        put(item, "created_by", entry.created_by);
        put(item, "author", entry.author);
        put(item, "comment", entry.comment);
        if (entry.empty_layer)
            item["empty_layer"] = true;
        json.push_back(std::move(item));
    }
    return json;
}

} // namespace

ImageConfig ImageConfig::parse(std::string_view text, const std::string &subject) {
    const Json json = base::parse_json(text, subject);
    try {
        if (!json.is_object() || !json.contains("rootfs") || !json["rootfs"].is_object())
            throw base::Error(subject + " is not an image configuration: it has no rootfs");
        ImageConfig config;
        config.platform = Platform{base::json_or<std::string>(json, "os", "linux"),
                                   base::json_or<std::string>(json, "architecture", ""),
                                   base::json_or<std::string>(json, "variant", "")};
        config.created = time_at(json, "created");
        config.author = base::json_or<std::string>(json, "author", "");
        config.diff_ids = list_at(json["rootfs"], "diff_ids").value_or(Strings{});
        if (json.contains("config") && json["config"].is_object())
            read_runtime(json["config"], config);
        read_history(json, config);
        config.build_cache = base::json_or<std::string>(json, build_cache_key, "");
        return config;
    } catch (const nlohmann::json::exception &error) {
        throw base::Error(subject + " is not an image configuration: " + error.what());
    }
}

std::string ImageConfig::json() const {
    Json json = Json::object();
    if (created)
        json["created"] = base::format_rfc3339(*created);
    put(json, "author", author);
    json["architecture"] = platform.architecture;
    json["os"] = platform.os;
    put(json, "variant", platform.variant);
    json["config"] = runtime_json(*this);
    json["rootfs"] = {{"type", "layers"}, {"diff_ids", diff_ids}};
    if (!history.empty())
        json["history"] = history_json(history);
    put(json, build_cache_key, build_cache);
    return base::dump_json(json);
}

} // namespace image
