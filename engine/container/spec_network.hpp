// How a container wants to be reached: what the network is told at each start. Not acted on by this module.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace container {

struct Endpoint {
    std::string network; // full name
    std::vector<std::string> aliases;
    std::string ipv4_address; // empty: any free one
    std::string ipv6_address;
    std::string mac_address;
    std::string interface_name;
    std::vector<std::string> link_local_ips;
    std::map<std::string, std::string> driver_opts;
    int priority = 0;    // order of joining
    int gw_priority = 0; // the highest has the default route
    bool operator==(const Endpoint &) const = default;
};

struct PublishedPort {
    std::string host_ip;          // empty: all
    std::uint16_t host_first = 0; // 0: any free port
    std::uint16_t host_last = 0;  // the end of a range of which one is picked
    std::uint16_t container_port = 0;
    std::string protocol = "tcp";
    bool operator==(const PublishedPort &) const = default;
};

} // namespace container
