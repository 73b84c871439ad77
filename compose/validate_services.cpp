// Health checks, mounts and ports of one service.
#include "compose/clean_path.hpp"
#include "compose/scalar.hpp"
#include "compose/validate_rules.hpp"
#include "compose/values.hpp"

#include <map>

namespace compose {

namespace {

class Targets {
  public:
    Targets(const ServiceView &service, Diagnostics &diagnostics)
        : service_(service), diagnostics_(diagnostics) {}

    void claim(const std::string &target, const Location &at, std::string_view attribute) {
        const auto [earlier, fresh] = taken_.try_emplace(clean_path(target), at);
        if (!fresh)
            diagnostics_
                .error(at, service_.path(attribute), "\"" + target + "\" is mounted twice", "mount it once")
                .notes.push_back({earlier->second, "it is mounted here"});
    }

  private:
    const ServiceView &service_;
    Diagnostics &diagnostics_;
    std::map<std::string, Location> taken_;
};

void check_mount(const ServiceView &service, const Node &mount, Diagnostics &diagnostics) {
    const std::string type = text_of(&mount, "type");
    const std::string target = text_of(&mount, "target");
    const std::string source = text_of(&mount, "source");
    const auto error = [&](const std::string &message, const std::string &hint) {
        diagnostics.error(mount.location, service.path("volumes"), message, hint);
    };
    if (target.empty())
        error("a volume needs a target", "add target: /PATH");
    else if (target.front() != '/' && target.find('$') == std::string::npos)
        error("the target \"" + target + "\" is not absolute", "start it with \"/\"");
    if (type == "bind" && source.empty())
        error("a bind mount needs a source", "add source: PATH");
    if (type == "tmpfs" && !source.empty())
        error("a tmpfs has no source", "remove source");
    const Node *options = mount.find("tmpfs");
    const Node *size = options == nullptr ? nullptr : options->find("size");
    if (size != nullptr && read_bytes(*size).value_or(0) < 0)
        diagnostics.error(size->location, service.path("volumes"), "size cannot be " + size->text,
                          "write a size such as 64m");
    for (const std::string_view other : {"bind", "volume", "tmpfs"})
        if (other != type && mount.find(other) != nullptr && !mount.find(other)->members.empty())
            diagnostics.error(mount.key_location(other), service.path("volumes"),
                              "\"" + std::string(other)
                                  + "\" options are for volumes of that type, this is a " + type,
                              "write type: " + std::string(other));
}

bool is_published(const std::string &text) {
    const auto dash = text.find('-');
    const auto in_range = [](std::string_view part) {
        const auto port = parse_integer(part);
        return port && *port >= 0 && *port <= 65535;
    };
    if (dash == std::string::npos)
        return in_range(text);
    return in_range(text.substr(0, dash)) && in_range(text.substr(dash + 1));
}

} // namespace

void check_health(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *health = service.find("healthcheck");
    if (health == nullptr)
        return;
    const Node *test = health->find("test");
    if (test != nullptr && !test->items.empty()) {
        const Node &first = test->items.front();
        if (first.text != "CMD" && first.text != "CMD-SHELL" && first.text != "NONE")
            diagnostics.error(first.location, service.path("healthcheck.test"),
                              "healthcheck.test cannot start with \"" + first.text + "\"",
                              "start the list with CMD, CMD-SHELL or NONE, or write one string");
        else if (first.text != "NONE" && test->items.size() < 2)
            diagnostics.error(first.location, service.path("healthcheck.test"),
                              "healthcheck.test has no command after \"" + first.text + "\"",
                              "add the command");
    }
    if (const Node *retries = health->find("retries");
        retries != nullptr && read_integer(*retries).value_or(0) < 0)
        diagnostics.error(retries->location, service.path("healthcheck.retries"),
                          "retries cannot be " + retries->text, "it is 1 or more");
}

void check_mounts(const ServiceView &service, Diagnostics &diagnostics) {
    Targets targets(service, diagnostics);
    if (const Node *volumes = service.find("volumes"))
        for (const Node &mount : volumes->items) {
            if (!mount.is_mapping())
                continue;
            check_mount(service, mount, diagnostics);
            if (const Node *target = mount.find("target"))
                targets.claim(target->text, mount.location, "volumes");
        }
    if (const Node *tmpfs = service.find("tmpfs"))
        for (const Node &item : tmpfs->items)
            targets.claim(item.text.substr(0, item.text.find(':')), item.location, "tmpfs");
}

void check_ports(const ServiceView &service, Diagnostics &diagnostics) {
    const Node *ports = service.find("ports");
    if (ports == nullptr)
        return;
    for (const Node &port : ports->items) {
        if (!port.is_mapping())
            continue;
        const auto error = [&](const Node *value, const std::string &message, const std::string &hint) {
            diagnostics.error(value == nullptr ? port.location : value->location, service.path("ports"),
                              message, hint);
        };
        const Node *target = port.find("target");
        const auto number = target == nullptr ? std::nullopt : read_integer(*target);
        if (target == nullptr)
            error(nullptr, "a port needs a target", "add target: PORT");
        else if (!is_unresolved(*target) && (!number || *number < 1 || *number > 65535))
            error(target, "a port cannot be " + target->text, "ports are between 1 and 65535");
        const Node *published = port.find("published");
        if (published != nullptr && !published->text.empty() && !is_unresolved(*published)
            && !is_published(published->text))
            error(published, "published cannot be \"" + published->text + "\"",
                  "write a port or a range of ports");
        const std::string protocol = text_of(&port, "protocol");
        if (!protocol.empty() && protocol != "tcp" && protocol != "udp")
            diagnostics.unsupported(port.find("protocol")->location, service.path("ports"),
                                    "protocol \"" + protocol + "\" is not supported yet", "use tcp or udp");
        const std::string address = text_of(&port, "host_ip");
        if (!address.empty() && !is_unresolved(*port.find("host_ip")) && !is_ip_address(address))
            error(port.find("host_ip"), "host_ip cannot be \"" + address + "\"", "write an IP address");
        const std::string mode = text_of(&port, "mode");
        if (!mode.empty() && mode != "ingress" && mode != "host")
            error(port.find("mode"), "mode cannot be \"" + mode + "\"", "it is ingress or host");
    }
}

} // namespace compose
