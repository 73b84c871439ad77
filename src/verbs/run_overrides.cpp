#include "verbs/run_overrides.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "compose/dotenv.hpp"
#include "compose/shell_words.hpp"
#include "verbs/interactive.hpp"

#include <fmt/format.h>

#include <charconv>

namespace cli {

namespace {

compose::Mount parse_volume(const std::string &text) {
    std::vector<std::string> parts;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(':', start), text.size());
        parts.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    compose::Mount mount;
    mount.target = parts.size() > 1 ? parts[1] : parts[0];
    if (parts.size() > 3 || !mount.target.starts_with('/'))
        throw base::Error(fmt::format("invalid --volume \"{}\"", text),
                          "write SOURCE:/TARGET[:ro], or /TARGET");
    if (parts.size() == 1)
        return mount;
    mount.source = parts[0];
    if (mount.source.find('/') != std::string::npos || mount.source == ".") {
        mount.type = compose::Mount::Type::bind;
        mount.source = std::filesystem::absolute(mount.source).lexically_normal().string();
    }
    if (parts.size() == 3) {
        if (parts[2] != "ro" && parts[2] != "rw")
            throw base::Error(fmt::format("unknown option \"{}\" in --volume \"{}\"", parts[2], text),
                              "use ro or rw");
        mount.read_only = parts[2] == "ro";
    }
    return mount;
}

compose::Port parse_publish(const std::string &text) {
    compose::Port port;
    std::string rest = text;
    if (const std::size_t slash = rest.find('/'); slash != std::string::npos) {
        port.protocol = rest.substr(slash + 1);
        rest.erase(slash);
    }
    const std::size_t last = rest.rfind(':');
    const std::string target = last == std::string::npos ? rest : rest.substr(last + 1);
    if (last != std::string::npos) {
        std::string host = rest.substr(0, last);
        if (const std::size_t colon = host.rfind(':'); colon != std::string::npos) {
            port.host_ip = host.substr(0, colon);
            if (port.host_ip.starts_with('[') && port.host_ip.ends_with(']'))
                port.host_ip = port.host_ip.substr(1, port.host_ip.size() - 2);
            host = host.substr(colon + 1);
        }
        port.published = host;
    }
    const auto [end, error] = std::from_chars(target.data(), target.data() + target.size(), port.target);
    if (error != std::errc() || end != target.data() + target.size() || port.target == 0
        || (port.protocol != "tcp" && port.protocol != "udp"))
        throw base::Error(fmt::format("invalid --publish \"{}\"", text),
                          "write [[IP:]HOST_PORT:]PORT[/tcp|/udp]");
    return port;
}

void set_variables(compose::Environment &environment, const std::vector<std::string> &assignments) {
    for (const std::string &assignment : assignments) {
        const std::size_t split = assignment.find('=');
        environment[assignment.substr(0, split)] = assignment.substr(split + 1);
    }
}

std::vector<std::string> words_of(const std::string &text) {
    const auto split = compose::split_shell_words(text);
    if (!split)
        throw base::Error(fmt::format("invalid --entrypoint \"{}\": a quote is not closed", text));
    return split->words;
}

std::vector<compose::EnvEntry> read_variables(const std::string &file, const compose::Project &project) {
    const auto source = std::make_shared<const compose::Source>(compose::Source{file, base::read_file(file)});
    const auto lookup = [&](const std::string &name) -> const std::string * {
        const auto found = project.environment.find(name);
        return found == project.environment.end() ? nullptr : &found->second;
    };
    compose::Diagnostics diagnostics;
    auto entries = compose::parse_env_file(source, lookup, diagnostics);
    if (diagnostics.has_errors())
        throw compose::LoadError(diagnostics.sorted());
    return entries;
}

} // namespace

compose::Service overridden(compose::Service service, const RunOptions &options, const Context &context,
                            const compose::Project &project) {
    if (options.entrypoint) {
        service.entrypoint = words_of(*options.entrypoint);
        if (options.command.empty())
            service.command = std::vector<std::string>();
    }
    if (!options.command.empty())
        service.command = options.command;
    for (const std::string &file : options.env_files)
        for (const compose::EnvEntry &entry : read_variables(file, project))
            if (entry.value)
                service.environment[entry.key] = *entry.value;
    set_variables(service.environment, given_environment(context, options.env));
    if (!options.user.empty())
        service.user = options.user;
    if (!options.workdir.empty())
        service.working_dir = options.workdir;
    for (const std::string &label : options.labels) {
        const std::size_t split = label.find('=');
        if (split == std::string::npos)
            throw base::Error(fmt::format("invalid --label \"{}\"", label), "write KEY=VALUE");
        service.labels[label.substr(0, split)] = label.substr(split + 1);
    }
    for (const std::string &text : options.volumes) {
        const compose::Mount mount = parse_volume(text);
        std::erase_if(service.volumes,
                      [&](const compose::Mount &other) { return other.target == mount.target; });
        service.volumes.push_back(mount);
    }
    if (!options.service_ports)
        service.ports.clear();
    for (const std::string &text : options.publish)
        service.ports.push_back(parse_publish(text));
    for (const std::string &capability : options.cap_add) {
        std::erase(service.cap_drop, capability);
        service.cap_add.push_back(capability);
    }
    for (const std::string &capability : options.cap_drop) {
        std::erase(service.cap_add, capability);
        service.cap_drop.push_back(capability);
    }
    service.restart = {};
    service.deploy_restart.reset();
    service.container_name.clear();
    return service;
}

} // namespace cli
