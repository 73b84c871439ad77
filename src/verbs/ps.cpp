#include "base/error.hpp"
#include "base/json.hpp"
#include "compose/plan/labels.hpp"
#include "supervisor/status_text.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/ports_text.hpp"
#include "verbs/project_state.hpp"
#include "verbs/row_format.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unistd.h>

namespace cli {

namespace {

using supervisor::ContainerInfo;

constexpr std::size_t short_id = 12;
constexpr std::size_t command_width = 20;

struct PsOptions {
    std::vector<std::string> services;
    std::vector<std::string> statuses;
    std::string filter;
    std::string format = "table";
    bool all = false;
    bool quiet = false;
    bool only_services = false;
    bool no_trunc = false;
    bool orphans = true;
    bool no_orphans = false;
};

std::string command_text(const container::Spec &spec, bool whole) {
    std::string text;
    for (const std::string &word : spec.process.argv)
        text += (text.empty() ? "" : " ") + word;
    return "\"" + (whole ? text : truncated(text, command_width)) + "\"";
}

base::Json publishers(const ContainerInfo &info) {
    base::Json array = base::Json::array();
    for (const auto &port : info.state.ports)
        for (const std::string &host : shown_addresses(port.host_ip))
            array.push_back({{"URL", host},
                             {"TargetPort", port.container_port},
                             {"PublishedPort", port.host_port},
                             {"Protocol", port.protocol}});
    return array;
}

// The name of a volume or the path of what is bound.
std::string mount_name(const container::Mount &mount) {
    if (const auto *volume = std::get_if<container::VolumeMount>(&mount.source))
        return volume->name;
    const auto *bind = std::get_if<container::BindMount>(&mount.source);
    return bind == nullptr ? std::string() : bind->source;
}

base::Json json_of(const ContainerInfo &info, base::Timestamp now) {
    std::string labels;
    for (const auto &[key, value] : info.spec.labels)
        labels += (labels.empty() ? "" : ",") + key + "=" + value;
    std::string mounts;
    std::size_t volumes = 0;
    for (const container::Mount &mount : info.spec.mounts) {
        const std::string name = mount_name(mount);
        mounts += (mounts.empty() || name.empty() ? "" : ",") + name;
        volumes += std::holds_alternative<container::VolumeMount>(mount.source) ? 1 : 0;
    }
    std::string networks;
    for (const auto &endpoint : info.spec.endpoints)
        networks += (networks.empty() ? "" : ",") + endpoint.network;
    return {{"Command", command_text(info.spec, false)},
            {"CreatedAt", base::format_rfc3339(info.spec.created)},
            {"ExitCode", info.state.exit_code},
            {"Health", info.state.health == plan::Health::none ? "" : plan::to_string(info.state.health)},
            {"ID", info.spec.id.substr(0, short_id)},
            {"Image", info.spec.image_name},
            {"Labels", labels},
            {"LocalVolumes", std::to_string(volumes)},
            {"Mounts", mounts},
            {"Name", info.spec.name},
            {"Names", info.spec.name},
            {"Networks", networks},
            {"Ports", ports_text(info)},
            {"Project", info.spec.project},
            {"Publishers", publishers(info)},
            {"RunningFor", base::format_age(now - info.spec.created) + " ago"},
            {"Service", info.spec.service},
            {"State", plan::to_string(info.state.status)},
            {"Status", supervisor::status_text(info.state, now)}};
}

// With what only templates have: .Label "KEY".
base::Json fields_of(const ContainerInfo &info, base::Timestamp now, bool whole) {
    base::Json json = json_of(info, now);
    if (whole) {
        json["ID"] = info.spec.id;
        json["Command"] = command_text(info.spec, true);
    }
    json[go_template::method("Label")] = info.spec.labels;
    return json;
}

const RowFormat::Titles titles{{"Command", "COMMAND"},       {"CreatedAt", "CREATED AT"},
                               {"ExitCode", "EXIT CODE"},    {"Health", "HEALTH"},
                               {"ID", "CONTAINER ID"},       {"Image", "IMAGE"},
                               {"Labels", "LABELS"},         {"LocalVolumes", "LOCAL VOLUMES"},
                               {"Mounts", "MOUNTS"},         {"Name", "NAME"},
                               {"Names", "NAMES"},           {"Networks", "NETWORKS"},
                               {"Ports", "PORTS"},           {"Project", "PROJECT"},
                               {"Publishers", "PUBLISHERS"}, {"RunningFor", "CREATED"},
                               {"Service", "SERVICE"},       {"State", "STATE"},
                               {"Status", "STATUS"}};

bool wanted(const ContainerInfo &info, const PsOptions &options, const std::vector<std::string> &statuses) {
    if (!statuses.empty())
        return std::find(statuses.begin(), statuses.end(), plan::to_string(info.state.status))
               != statuses.end();
    return options.all || plan::is_active(info.state.status);
}

std::vector<std::string> status_filter(const PsOptions &options) {
    std::vector<std::string> statuses = options.statuses;
    constexpr std::string_view key = "status=";
    if (!options.filter.empty()) {
        if (!options.filter.starts_with(key))
            throw base::Error(fmt::format("unknown filter \"{}\"", options.filter), "use status=NAME");
        statuses.push_back(options.filter.substr(key.size()));
    }
    for (const std::string &status : statuses)
        if (!plan::parse_status(status) && status != "removing")
            throw base::Error(fmt::format("unknown status \"{}\"", status),
                              "use created, running, paused, restarting, exited or dead");
    return statuses;
}

std::vector<ContainerInfo> listed(const Context &context, const PsOptions &options) {
    const Context::Named named = context.load_or_name();
    auto containers = supervisor::read_containers(context.paths(), named.project);
    require_known(named, containers, options.services);
    const auto statuses = status_filter(options);
    containers = containers_of(std::move(containers), options.services, true);
    std::erase_if(containers, [&](const ContainerInfo &info) {
        const bool orphan = named.loaded && !named.loaded->project.services.contains(info.spec.service)
                            && !named.loaded->project.disabled_services.contains(info.spec.service);
        return !wanted(info, options, statuses) || (options.no_orphans && orphan);
    });
    return containers;
}

void print_table(const std::vector<ContainerInfo> &containers, const PsOptions &options,
                 base::Timestamp now) {
    Table table({"NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"});
    for (const ContainerInfo &info : containers)
        table.add({info.spec.name, info.spec.image_name, command_text(info.spec, options.no_trunc),
                   info.spec.service, base::format_age(now - info.spec.created) + " ago",
                   supervisor::status_text(info.state, now), ports_text(info)});
    print(STDOUT_FILENO, table.text());
}

int run_ps(const Context &context, const PsOptions &options) {
    const RowFormat format(options.format, titles);
    const auto containers = listed(context, options);
    const base::Timestamp now = base::now();
    std::string text;
    if (options.quiet) {
        for (const ContainerInfo &info : containers)
            text += info.spec.id + "\n";
    } else if (options.only_services) {
        std::set<std::string> services;
        for (const ContainerInfo &info : containers)
            services.insert(info.spec.service);
        for (const std::string &service : services)
            text += service + "\n";
    } else if (format.is_template()) {
        std::vector<base::Json> rows;
        for (const ContainerInfo &info : containers)
            rows.push_back(fields_of(info, now, options.no_trunc));
        text = format.text(rows);
    } else if (format.is_json()) {
        for (const ContainerInfo &info : containers)
            text += base::dump_json(json_of(info, now)) + "\n";
    } else {
        print_table(containers, options, now);
    }
    print(STDOUT_FILENO, text);
    return 0;
}

} // namespace

void add_ps(Command &root, Context &context) {
    auto options = std::make_shared<PsOptions>();
    root.subcommand("ps", "List containers")
        .flag("-a,--all", options->all, "Stopped ones too")
        .flag("-q,--quiet", options->quiet, "Only ids")
        .flag("--services", options->only_services, "Only the names of services")
        .list("--status", options->statuses, "Only with this status; may be repeated", "STATUS")
        .option("--filter", options->filter, "status=NAME", "FILTER")
        .option("--format", options->format, row_format_help, "FORMAT")
        .flag("--no-trunc", options->no_trunc, "Whole commands")
        .flag("!--no-orphans,--orphans", options->orphans,
              "Containers of services the file does not have, too")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] {
            options->no_orphans = !options->orphans;
            return run_ps(context, *options);
        });
}

} // namespace cli
