#include "base/error.hpp"
#include "terminal/terminal.hpp"
#include "verbs/ports_text.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

struct PortOptions {
    std::string service;
    std::string port;
    std::string protocol = "tcp";
    std::optional<int> index;
};

int run_port(const Context &context, const PortOptions &options) {
    const Context::Named named = context.load_or_name();
    require_known(named, supervisor::read_containers(context.paths(), named.project), {options.service});
    const auto info = running_container(context.paths(), named.project, options.service, options.index);
    std::string port = options.port;
    std::string protocol = options.protocol;
    if (const std::size_t slash = port.find('/'); slash != std::string::npos) {
        protocol = port.substr(slash + 1);
        port.erase(slash);
    }
    std::string published;
    for (const auto &each : info.state.ports) {
        if (std::to_string(each.container_port) == port && each.protocol == protocol) {
            const std::string address = shown_addresses(each.host_ip).front();
            const bool v6 = address.find(':') != std::string::npos;
            print(STDOUT_FILENO, fmt::format("{}:{}\n", v6 ? "[" + address + "]" : address, each.host_port));
            return 0;
        }
        published +=
            fmt::format("{}{}/{}", published.empty() ? "" : ", ", each.container_port, each.protocol);
    }
    throw base::Error(fmt::format("no port {}/{} for container {}: {}", port, protocol, info.spec.name,
                                  published.empty() ? "it publishes none" : "it publishes " + published));
}

} // namespace

void add_port(Command &root, Context &context) {
    auto options = std::make_shared<PortOptions>();
    root.subcommand("port", "Show where a port of a container is published")
        .option("--protocol", options->protocol, "tcp or udp", "PROTOCOL")
        .option("--index", options->index, "Number of the replica")
        .positional("SERVICE", options->service, "The service")
        .positional("PORT", options->port, "Port inside the container")
        .action([&context, options] { return run_port(context, *options); });
}

} // namespace cli
