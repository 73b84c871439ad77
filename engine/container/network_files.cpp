#include "engine/container/network_files.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <sstream>

namespace container {

namespace {

constexpr const char *embedded_resolver = "127.0.0.11";

constexpr const char *fixed_hosts = "127.0.0.1\tlocalhost\n"
                                    "::1\tlocalhost ip6-localhost ip6-loopback\n"
                                    "fe00::0\tip6-localnet\n"
                                    "ff00::0\tip6-mcastprefix\n"
                                    "ff02::1\tip6-allnodes\n"
                                    "ff02::2\tip6-allrouters\n";

struct ResolvConf {
    std::vector<std::string> nameservers, search, options;
};

ResolvConf parse(std::string_view text) {
    ResolvConf conf;
    std::istringstream lines{std::string(text)};
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string keyword;
        words >> keyword;
        std::vector<std::string> values;
        for (std::string value; words >> value;)
            values.push_back(value);
        if (keyword == "nameserver")
            conf.nameservers.insert(conf.nameservers.end(), values.begin(), values.end());
        else if (keyword == "search" || keyword == "domain")
            conf.search = values; // the last one counts
        else if (keyword == "options")
            conf.options.insert(conf.options.end(), values.begin(), values.end());
    }
    return conf;
}

std::string line(const std::string &keyword, const std::vector<std::string> &values) {
    if (values.empty())
        return {};
    std::string text = keyword;
    for (const std::string &value : values)
        text += " " + value;
    return text + "\n";
}

bool asks_embedded(const Spec &spec) {
    return spec.namespaces.network.kind == NamespaceMode::Kind::private_;
}

} // namespace

std::vector<std::string> own_names(const Spec &spec) {
    if (spec.domainname.empty())
        return {spec.hostname};
    return {spec.hostname + "." + spec.domainname, spec.hostname};
}

std::string hosts_text(const Spec &spec, const std::string &host_gateway, std::string_view host_hosts,
                       const std::vector<HostsEntry> &own) {
    const bool host_network = spec.namespaces.network.kind == NamespaceMode::Kind::host;
    std::string text = host_network ? std::string(host_hosts) : fixed_hosts;
    if (!text.empty() && text.back() != '\n')
        text += '\n';
    for (const auto &[name, address] : spec.extra_hosts) {
        if (address == "host-gateway" && host_gateway.empty())
            throw base::Error("extra_hosts " + name
                                  + ": host-gateway has no address without a bridge network",
                              "name an address instead");
        text += (address == "host-gateway" ? host_gateway : address) + "\t" + name + "\n";
    }
    for (const HostsEntry &entry : own) {
        text += entry.address + "\t";
        for (const std::string &name : entry.names)
            text += (&name == &entry.names.front() ? "" : " ") + name;
        text += "\n";
    }
    return text;
}

std::string resolv_conf_text(const Spec &spec, std::string_view host_resolv_conf) {
    ResolvConf conf = parse(host_resolv_conf);
    if (!spec.dns.empty())
        conf.nameservers = spec.dns;
    if (!spec.dns_search.empty())
        conf.search = spec.dns_search;
    if (conf.search == std::vector<std::string>{"."})
        conf.search.clear();
    if (!spec.dns_options.empty())
        conf.options = spec.dns_options;
    std::string text = "# Made by compose when the container was created.\n";
    if (asks_embedded(spec)) {
        const bool given =
            std::any_of(conf.options.begin(), conf.options.end(),
                        [](const std::string &option) { return option.starts_with("ndots:"); });
        if (!given)
            conf.options.push_back("ndots:0");
        conf.nameservers = {embedded_resolver};
    }
    for (const std::string &nameserver : conf.nameservers)
        text += "nameserver " + nameserver + "\n";
    return text + line("search", conf.search) + line("options", conf.options);
}

std::string hostname_text(const Spec &spec) {
    return spec.hostname + "\n";
}

} // namespace container
