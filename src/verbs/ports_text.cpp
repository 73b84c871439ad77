#include "verbs/ports_text.hpp"

#include <fmt/format.h>

#include <set>

namespace cli {

std::vector<std::string> shown_addresses(const std::string &host_ip) {
    if (host_ip.empty())
        return {"0.0.0.0", "::"};
    return {host_ip};
}

std::string ports_text(const supervisor::ContainerInfo &info) {
    std::vector<std::string> parts;
    std::set<std::string> published;
    for (const auto &port : info.state.ports) {
        const std::string target = fmt::format("{}/{}", port.container_port, port.protocol);
        published.insert(target);
        if (info.state.pid == 0)
            continue;
        for (const std::string &address : shown_addresses(port.host_ip)) {
            const bool v6 = address.find(':') != std::string::npos;
            parts.push_back(
                fmt::format("{}:{}->{}", v6 ? "[" + address + "]" : address, port.host_port, target));
        }
    }
    for (std::string exposed : info.spec.expose) {
        if (exposed.find('/') == std::string::npos)
            exposed += "/tcp";
        if (info.state.pid != 0 && published.insert(exposed).second)
            parts.push_back(exposed);
    }
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

} // namespace cli
