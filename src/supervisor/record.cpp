#include "supervisor/record.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"

namespace supervisor {

namespace {

using base::Json;
using base::json_or;

constexpr int format_version = 1;

std::optional<base::Timestamp> time_of(const Json &json, const char *key) {
    return base::parse_rfc3339(json_or<std::string>(json, key, ""));
}

Json endpoint_json(const EndpointRecord &endpoint) {
    return {{"network", endpoint.network}, {"address", endpoint.address}, {"prefix", endpoint.prefix},
            {"gateway", endpoint.gateway}, {"mac", endpoint.mac},         {"interface", endpoint.interface},
            {"aliases", endpoint.aliases}};
}

EndpointRecord endpoint_of(const Json &json) {
    return {json_or<std::string>(json, "network", ""),
            json_or<std::string>(json, "address", ""),
            json_or<int>(json, "prefix", 0),
            json_or<std::string>(json, "gateway", ""),
            json_or<std::string>(json, "mac", ""),
            json_or<std::string>(json, "interface", ""),
            json_or<std::vector<std::string>>(json, "aliases", {})};
}

Json port_json(const PortRecord &port) {
    return {{"host_ip", port.host_ip},
            {"host_port", port.host_port},
            {"container_port", port.container_port},
            {"protocol", port.protocol}};
}

PortRecord port_of(const Json &json) {
    return {json_or<std::string>(json, "host_ip", ""), json_or<std::uint16_t>(json, "host_port", 0),
            json_or<std::uint16_t>(json, "container_port", 0), json_or<std::string>(json, "protocol", "tcp")};
}

Json probe_json(const ProbeRecord &probe) {
    return {{"start", base::format_rfc3339(probe.start)},
            {"end", base::format_rfc3339(probe.end)},
            {"exit_code", probe.exit_code},
            {"output", probe.output}};
}

ProbeRecord probe_of(const Json &json) {
    return {time_of(json, "start").value_or(base::Timestamp{}),
            time_of(json, "end").value_or(base::Timestamp{}), json_or<int>(json, "exit_code", 0),
            json_or<std::string>(json, "output", "")};
}

// Of a container that ran when the power went.
StateRecord lost_state() {
    StateRecord state;
    state.status = plan::Status::exited;
    state.exit_known = false;
    state.exit_code = unknown_exit_code;
    return state;
}

template <typename T, typename Convert>
Json array_of(const std::vector<T> &values, Convert convert) {
    Json array = Json::array();
    for (const T &value : values)
        array.push_back(convert(value));
    return array;
}

template <typename T, typename Convert>
std::vector<T> vector_of(const Json &json, const char *key, Convert convert) {
    std::vector<T> values;
    if (const auto found = json.find(key); found != json.end() && found->is_array())
        for (const Json &item : *found)
            values.push_back(convert(item));
    return values;
}

} // namespace

Json to_json(const StateRecord &state) {
    Json json{{"version", format_version},
              {"status", plan::to_string(state.status)},
              {"health", plan::to_string(state.health)},
              {"pid", state.pid},
              {"start_ticks", state.start_ticks},
              {"exit_code", state.exit_code},
              {"exit_known", state.exit_known},
              {"oom_killed", state.oom_killed},
              {"stopped_by_user", state.stopped_by_user},
              {"error", state.error},
              {"restart_count", state.restart_count},
              {"failing_streak", state.failing_streak},
              {"created", base::format_rfc3339(state.created)}};
    if (state.started)
        json["started"] = base::format_rfc3339(*state.started);
    if (state.finished)
        json["finished"] = base::format_rfc3339(*state.finished);
    json["endpoints"] = array_of(state.endpoints, endpoint_json);
    json["ports"] = array_of(state.ports, port_json);
    json["probes"] = array_of(state.probes, probe_json);
    return json;
}

StateRecord state_from_json(const Json &json) {
    if (json_or<int>(json, "version", 0) > format_version)
        throw base::Error("a container's state was written by a newer version of compose",
                          "use the version that started the project, or take the project down with it");
    StateRecord state;
    state.status = plan::parse_status(json_or<std::string>(json, "status", "")).value_or(plan::Status::dead);
    state.health = plan::parse_health(json_or<std::string>(json, "health", "")).value_or(plan::Health::none);
    state.pid = json_or<int>(json, "pid", 0);
    state.start_ticks = json_or<std::uint64_t>(json, "start_ticks", 0);
    state.exit_code = json_or<int>(json, "exit_code", 0);
    state.exit_known = json_or<bool>(json, "exit_known", true);
    state.oom_killed = json_or<bool>(json, "oom_killed", false);
    state.stopped_by_user = json_or<bool>(json, "stopped_by_user", false);
    state.error = json_or<std::string>(json, "error", "");
    state.restart_count = json_or<int>(json, "restart_count", 0);
    state.failing_streak = json_or<int>(json, "failing_streak", 0);
    state.created = time_of(json, "created").value_or(base::Timestamp{});
    state.started = time_of(json, "started");
    state.finished = time_of(json, "finished");
    state.endpoints = vector_of<EndpointRecord>(json, "endpoints", endpoint_of);
    state.ports = vector_of<PortRecord>(json, "ports", port_of);
    state.probes = vector_of<ProbeRecord>(json, "probes", probe_of);
    return state;
}

std::optional<StateRecord> read_state(const std::filesystem::path &directory) {
    const auto path = directory / "state.json";
    const auto text = base::read_file_if(path);
    if (!text)
        return std::nullopt;
    Json json;
    try {
        json = base::parse_json(*text, path.string());
    } catch (const base::Error &) {
        return lost_state();
    }
    return state_from_json(json);
}

void write_state(const std::filesystem::path &directory, const StateRecord &state) {
    base::write_file_atomic(directory / "state.json", base::dump_json(to_json(state)) + "\n");
}

} // namespace supervisor
