#include "compose/plan/service_spec.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace plan {

namespace {

base::Error refuse(const compose::Service &service, const std::string &what, std::string hint = {}) {
    const std::string where = service.location.known() ? base::to_string(service.location) + ": " : "";
    return base::Error(where + "service " + service.name + ": " + what, std::move(hint));
}

int to_int(std::string_view text, int fallback) {
    int value = fallback;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

container::DeviceRate rate_of(const compose::BlkioRate &rate) {
    return {rate.path, static_cast<std::int64_t>(rate.rate)};
}

template <typename From, typename To, typename Convert>
void convert_all(const std::vector<From> &from, std::vector<To> &to, Convert convert) {
    std::transform(from.begin(), from.end(), std::back_inserter(to), convert);
}

} // namespace

std::vector<std::string> argv_of(const compose::Service &service, const ImageInfo &image) {
    std::vector<std::string> argv = service.entrypoint.value_or(image.entrypoint);
    // A service's own entrypoint makes the image's command meaningless.
    const std::vector<std::string> inherited =
        service.entrypoint ? std::vector<std::string>() : image.command;
    const std::vector<std::string> command = service.command.value_or(inherited);
    argv.insert(argv.end(), command.begin(), command.end());
    if (argv.empty())
        throw refuse(service, fmt::format("image {} has no command", service.image),
                     "set `command:` to the program that should run");
    return argv;
}

std::vector<std::string> env_of(const compose::Service &service, const ImageInfo &image) {
    std::vector<std::string> env;
    std::set<std::string> seen;
    const auto add = [&](const std::string &name) {
        const auto found = service.environment.find(name);
        seen.insert(name);
        if (found->second)
            env.push_back(name + "=" + *found->second);
    };
    for (const std::string &entry : image.env) {
        const std::string name = entry.substr(0, entry.find('='));
        if (service.environment.contains(name))
            add(name);
        else
            env.push_back(entry);
    }
    for (const auto &[name, value] : service.environment)
        if (!seen.contains(name))
            add(name);
    return env;
}

container::Security security_of(const compose::Service &service) {
    container::Security security;
    security.cap_add = service.cap_add;
    security.cap_drop = service.cap_drop;
    security.privileged = service.privileged;
    for (const std::string &option : service.security_opt) {
        const std::size_t split = option.find_first_of("=:");
        const std::string key = option.substr(0, split);
        const std::string value = split == std::string::npos ? "" : option.substr(split + 1);
        if (key == "no-new-privileges")
            security.no_new_privileges = value.empty() || value == "true";
        else if (key == "seccomp" && value == "unconfined")
            security.seccomp_unconfined = true;
        else if (key == "seccomp")
            security.seccomp_profile = value;
        else if (key == "systempaths" && value == "unconfined")
            security.system_paths_unconfined = true;
        else if (key == "apparmor" && value != "unconfined")
            throw refuse(
                service,
                fmt::format("security_opt \"{}\": profiles of AppArmor are not supported yet", option),
                "use apparmor=unconfined, or leave it out");
        else if (key != "apparmor" && key != "label")
            throw refuse(service, fmt::format("unknown security_opt \"{}\"", option),
                         "use no-new-privileges, seccomp=FILE, seccomp=unconfined or systempaths=unconfined");
    }
    return security;
}

container::Resources resources_of(const compose::Resources &from) {
    using std::chrono::duration_cast;
    using std::chrono::microseconds;
    container::Resources to;
    to.memory = from.memory;
    to.memory_reservation = from.memory_reservation;
    to.memory_swap = from.memory_swap;
    to.memory_swappiness = from.memory_swappiness;
    to.oom_kill_disable = from.oom_kill_disable;
    to.cpus = from.cpus;
    if (from.cpu_period)
        to.cpu_period = duration_cast<microseconds>(*from.cpu_period);
    if (from.cpu_quota)
        to.cpu_quota = duration_cast<microseconds>(*from.cpu_quota);
    if (from.cpu_shares)
        to.cpu_shares = static_cast<std::int64_t>(*from.cpu_shares);
    to.cpuset_cpus = from.cpuset;
    to.pids_limit = from.pids;
    if (from.blkio.weight != 0)
        to.block_io.weight = from.blkio.weight;
    convert_all(from.blkio.weight_device, to.block_io.weight_devices, [](const compose::BlkioWeight &weight) {
        return container::DeviceWeight{weight.path, weight.weight};
    });
    convert_all(from.blkio.device_read_bps, to.block_io.read_bps, rate_of);
    convert_all(from.blkio.device_write_bps, to.block_io.write_bps, rate_of);
    convert_all(from.blkio.device_read_iops, to.block_io.read_iops, rate_of);
    convert_all(from.blkio.device_write_iops, to.block_io.write_iops, rate_of);
    return to;
}

container::Healthcheck healthcheck_of(const compose::Service &service, const ImageInfo &image) {
    container::Healthcheck check = image.healthcheck;
    if (service.healthcheck) {
        const compose::Healthcheck &own = *service.healthcheck;
        if (own.disable)
            return {};
        if (!own.test.empty())
            check.test = own.test;
        const auto take = [](auto &to, const auto &from) {
            if (from)
                to = from;
        };
        take(check.interval, own.interval);
        take(check.timeout, own.timeout);
        take(check.start_period, own.start_period);
        take(check.start_interval, own.start_interval);
        take(check.retries, own.retries);
    }
    if (check.test.empty() || check.test.front() == "NONE")
        return {};
    if (check.test.front() == "CMD-SHELL") {
        const std::string script = check.test.size() > 1 ? check.test[1] : "";
        check.test = image.shell.empty() ? std::vector<std::string>{"/bin/sh", "-c"} : image.shell;
        check.test.push_back(script);
        check.test.insert(check.test.begin(), "CMD");
    }
    return check;
}

container::RestartPolicy restart_of(const compose::Service &service) {
    using Kind = container::RestartPolicy::Kind;
    container::RestartPolicy policy;
    policy.max_attempts = service.restart.max_attempts;
    switch (service.restart.kind) {
    case compose::RestartPolicy::Kind::no:
        policy.kind = Kind::no;
        break;
    case compose::RestartPolicy::Kind::always:
        policy.kind = Kind::always;
        break;
    case compose::RestartPolicy::Kind::on_failure:
        policy.kind = Kind::on_failure;
        break;
    case compose::RestartPolicy::Kind::unless_stopped:
        policy.kind = Kind::unless_stopped;
        break;
    }
    if (service.deploy_restart) {
        const compose::DeployRestartPolicy &deploy = *service.deploy_restart;
        const bool unless_stopped = service.restart.kind == compose::RestartPolicy::Kind::unless_stopped;
        policy.kind = deploy.condition == compose::DeployRestartPolicy::Condition::any
                          ? (unless_stopped ? Kind::unless_stopped : Kind::always)
                      : deploy.condition == compose::DeployRestartPolicy::Condition::on_failure
                          ? Kind::on_failure
                          : Kind::no;
        policy.max_attempts = deploy.max_attempts.value_or(0);
        policy.delay = deploy.delay;
        policy.window = deploy.window;
    }
    return policy;
}

container::LogOptions log_of(const compose::Service &service) {
    container::LogOptions log;
    const compose::Logging &logging = service.logging;
    if (logging.driver == "none")
        log.discard = true;
    else if (!logging.driver.empty() && logging.driver != "json-file" && logging.driver != "local")
        throw refuse(service, fmt::format("logging driver \"{}\" is not supported", logging.driver),
                     "use json-file, local or none: all keep the log in a file that `compose logs` reads");
    if (const auto found = logging.options.find("max-size");
        found != logging.options.end() && found->second != "-1") {
        log.max_size = base::parse_bytes(found->second);
        if (!log.max_size || log.max_size->value == 0)
            throw refuse(service, fmt::format("logging option max-size \"{}\" is not a size", found->second),
                         "e.g. 10m");
    }
    if (const auto found = logging.options.find("max-file"); found != logging.options.end()) {
        log.max_file = to_int(found->second, 0);
        if (*log.max_file < 1)
            throw refuse(service, fmt::format("logging option max-file \"{}\" is not a positive number",
                                              found->second));
    }
    return log;
}

container::NamespaceMode namespace_of(const compose::NamespaceMode &mode) {
    using From = compose::NamespaceMode::Kind;
    using To = container::NamespaceMode::Kind;
    switch (mode.kind) {
    case From::host:
        return {To::host, ""};
    case From::none:
        return {To::none, ""};
    case From::service:
        return {To::container, "service:" + mode.name};
    case From::container:
        return {To::container, mode.name};
    default:
        return {To::private_, ""};
    }
}

std::vector<container::PublishedPort> ports_of(const compose::Service &service) {
    std::vector<container::PublishedPort> ports;
    for (const compose::Port &port : service.ports) {
        container::PublishedPort published{
            .host_ip = port.host_ip, .container_port = port.target, .protocol = port.protocol};
        if (!port.published.empty()) {
            const std::size_t dash = port.published.find('-');
            published.host_first = static_cast<std::uint16_t>(to_int(port.published, 0));
            published.host_last = dash == std::string::npos
                                      ? published.host_first
                                      : static_cast<std::uint16_t>(
                                          to_int(std::string_view(port.published).substr(dash + 1), 0));
        }
        ports.push_back(std::move(published));
    }
    return ports;
}

std::vector<container::Endpoint> endpoints_of(const compose::Project &project,
                                              const compose::Service &service) {
    std::vector<container::Endpoint> endpoints;
    if (service.network_mode.kind == compose::NamespaceMode::Kind::bridge)
        return {{.network = project.name + "_bridge",
                 .aliases = {service.name},
                 .mac_address = service.mac_address}};
    for (const auto &[key, options] : service.networks) {
        const auto network = project.networks.find(key);
        container::Endpoint endpoint{.network =
                                         network != project.networks.end() ? network->second.name : key,
                                     .aliases = options.aliases,
                                     .ipv4_address = options.ipv4_address,
                                     .ipv6_address = options.ipv6_address,
                                     .mac_address = options.mac_address,
                                     .interface_name = options.interface_name,
                                     .link_local_ips = options.link_local_ips,
                                     .driver_opts = options.driver_opts,
                                     .priority = options.priority,
                                     .gw_priority = options.gw_priority};
        endpoint.aliases.insert(endpoint.aliases.begin(), service.name);
        endpoints.push_back(std::move(endpoint));
    }
    std::stable_sort(endpoints.begin(), endpoints.end(),
                     [](const auto &a, const auto &b) { return a.priority > b.priority; });
    if (!endpoints.empty() && endpoints.front().mac_address.empty())
        endpoints.front().mac_address = service.mac_address;
    return endpoints;
}

} // namespace plan
