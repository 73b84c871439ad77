#include "engine/network/spec.hpp"

#include "base/error.hpp"

#include <fmt/format.h>

#include <linux/if.h>

#include <algorithm>
#include <charconv>

namespace network {

namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

[[noreturn]] void refuse(const NetworkSpec &spec, const std::string &problem, const std::string &hint = {}) {
    throw base::Error(fmt::format("network {}: {}", spec.name, problem), hint);
}

bool parse_switch(const NetworkSpec &spec, const std::string &option, const std::string &value) {
    if (value == "true" || value == "1")
        return true;
    if (value == "false" || value == "0")
        return false;
    refuse(spec, fmt::format("driver option {} is neither true nor false but \"{}\"", option, value));
}

int parse_mtu(const NetworkSpec &spec, const std::string &value) {
    const auto mtu = parse_number<int>(value);
    if (!mtu || (*mtu != 0 && (*mtu < 68 || *mtu > 65535)))
        refuse(spec, fmt::format("mtu \"{}\" is not a number from 68 to 65535", value));
    return *mtu;
}

std::string parse_link_name(const NetworkSpec &spec, const std::string &value) {
    const bool odd = value.find_first_of("/ \t\n\"*") != std::string::npos || value == "." || value == "..";
    if (value.empty() || value.size() >= IFNAMSIZ || odd)
        refuse(spec, fmt::format("bridge name \"{}\" is not a link name", value),
               fmt::format("use at most {} characters, no slash, quote or space", IFNAMSIZ - 1));
    return value;
}

bool is_name(const std::string &name) {
    const auto plain = [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= 200 && plain(static_cast<unsigned char>(name.front()))
           && std::all_of(name.begin(), name.end(),
                          [&](unsigned char c) { return plain(c) || c == '_' || c == '.' || c == '-'; });
}

void validate_addresses(const NetworkSpec &spec) {
    if (!spec.subnet) {
        if (spec.gateway || spec.ip_range || !spec.aux_addresses.empty())
            refuse(spec, "gateway, ip_range and aux_addresses need a subnet",
                   "add `subnet` to its ipam config");
        return;
    }
    const Prefix &subnet = *spec.subnet;
    if (!subnet.base.is_v4())
        refuse(spec, fmt::format("subnet {} is IPv6, which is not supported yet", subnet.text()),
               "use an IPv4 subnet");
    if (subnet.length > 30)
        refuse(spec, fmt::format("subnet {} has no room for a gateway and a container", subnet.text()),
               "use a prefix length of at most 30");
    const auto inside = [&](const std::string &what, const IpAddress &address) {
        if (!subnet.contains(address) || address == subnet.base || address == subnet.last())
            refuse(spec, fmt::format("{} {} is not an address of a host in subnet {}", what, address.text(),
                                     subnet.text()));
    };
    if (spec.gateway)
        inside("gateway", *spec.gateway);
    for (const auto &[name, address] : spec.aux_addresses)
        inside("auxiliary address " + name, address);
    if (spec.ip_range && (!subnet.contains(spec.ip_range->base) || spec.ip_range->length < subnet.length))
        refuse(spec,
               fmt::format("ip_range {} is not inside subnet {}", spec.ip_range->text(), subnet.text()));
}

} // namespace

BridgeOptions bridge_options(const NetworkSpec &spec) {
    BridgeOptions options;
    for (const auto &[option, value] : spec.driver_opts) {
        if (option == "com.docker.network.driver.mtu" || option == "mtu")
            options.mtu = parse_mtu(spec, value);
        else if (option == "com.docker.network.bridge.name")
            options.bridge_name = parse_link_name(spec, value);
        else if (option == "com.docker.network.bridge.enable_icc")
            options.icc = parse_switch(spec, option, value);
        else if (option == "com.docker.network.bridge.enable_ip_masquerade")
            options.masquerade = parse_switch(spec, option, value);
        else if (option == "com.docker.network.bridge.host_binding_ipv4") {
            const auto address = IpAddress::parse(value);
            if (!address || !address->is_v4())
                refuse(spec, fmt::format("driver option {}: \"{}\" is not an IPv4 address", option, value));
            options.host_ip = value;
        } else
            refuse(
                spec, fmt::format("driver option {} is not supported", option),
                "supported are com.docker.network.driver.mtu and com.docker.network.bridge.name, enable_icc, "
                "enable_ip_masquerade, host_binding_ipv4");
    }
    return options;
}

void validate(const NetworkSpec &spec) {
    if (!is_name(spec.name))
        refuse(spec, "not a network name", "use letters, digits, dots, dashes and underscores");
    if (spec.driver != "bridge" && !spec.driver.empty())
        refuse(spec, fmt::format("driver {} is not supported", spec.driver), "use `driver: bridge`");
    if (spec.enable_ipv6)
        refuse(spec, "IPv6 inside networks is not supported yet", "remove `enable_ipv6`");
    validate_addresses(spec);
    (void)bridge_options(spec);
}

std::vector<std::string> differences(const NetworkSpec &existing, const NetworkSpec &wanted) {
    std::vector<std::string> names;
    const auto compare = [&](const char *name, bool equal) {
        if (!equal)
            names.emplace_back(name);
    };
    compare("driver", existing.driver == wanted.driver);
    compare("driver options", existing.driver_opts == wanted.driver_opts);
    compare("subnet", existing.subnet == wanted.subnet);
    compare("gateway", existing.gateway == wanted.gateway);
    compare("ip_range", existing.ip_range == wanted.ip_range);
    compare("aux_addresses", existing.aux_addresses == wanted.aux_addresses);
    compare("internal", existing.internal == wanted.internal);
    compare("attachable", existing.attachable == wanted.attachable);
    compare("enable_ipv6", existing.enable_ipv6 == wanted.enable_ipv6);
    compare("labels", existing.labels == wanted.labels);
    return names;
}

std::string host_side_text(const PublishedPort &port) {
    std::string text;
    if (!port.host_ip.empty())
        text = port.host_ip.find(':') == std::string::npos ? port.host_ip + ":" : "[" + port.host_ip + "]:";
    text += std::to_string(port.host_first);
    if (port.host_last > port.host_first)
        text += "-" + std::to_string(port.host_last);
    return text + "/" + port.protocol;
}

std::optional<std::pair<std::uint16_t, std::uint16_t>> parse_port_range(std::string_view text) {
    if (text.empty())
        return std::pair<std::uint16_t, std::uint16_t>{0, 0};
    const auto dash = text.find('-');
    const auto first = parse_number<std::uint16_t>(text.substr(0, dash));
    const auto last =
        dash == std::string_view::npos ? first : parse_number<std::uint16_t>(text.substr(dash + 1));
    if (!first || !last || *first > *last || (*first == 0 && *last != 0))
        return std::nullopt;
    return std::pair{*first, *last};
}

} // namespace network
