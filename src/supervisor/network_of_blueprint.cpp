#include "supervisor/network_of_blueprint.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

namespace supervisor {

network::NetworkSpec network_spec(const plan::NetworkBlueprint &print, const std::string &project) {
    network::NetworkSpec spec{.name = print.name,
                              .project = project,
                              .key = print.key,
                              .labels = print.labels,
                              .driver =
                                  print.driver.empty() || print.driver == "default" ? "bridge" : print.driver,
                              .subnet = {},
                              .gateway = {},
                              .ip_range = {},
                              .aux_addresses = {},
                              .internal = print.internal,
                              .attachable = print.attachable,
                              .driver_opts = print.options};
    const auto malformed = [&](const std::string &what, const std::string &text) {
        return base::Error(fmt::format("network {}: {} \"{}\" is not valid", print.key, what, text),
                           "an IPv4 network is written 10.1.2.0/24, an address 10.1.2.3");
    };
    if (!print.subnet.empty() && !(spec.subnet = network::Prefix::parse(print.subnet)))
        throw malformed("subnet", print.subnet);
    if (!print.gateway.empty() && !(spec.gateway = network::IpAddress::parse(print.gateway)))
        throw malformed("gateway", print.gateway);
    if (!print.ip_range.empty() && !(spec.ip_range = network::Prefix::parse(print.ip_range)))
        throw malformed("ip_range", print.ip_range);
    for (const auto &[name, text] : print.aux_addresses) {
        const auto address = network::IpAddress::parse(text);
        if (!address)
            throw malformed("aux_address", text);
        spec.aux_addresses[name] = *address;
    }
    return spec;
}

} // namespace supervisor
