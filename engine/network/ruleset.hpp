// The firewall as text for nft: one table of family inet, made from the records alone. Pure.
#pragma once

#include "engine/network/spec.hpp"

#include <string>
#include <vector>

namespace network {

// Replaces the table in one transaction; deletes it when there is no network.
[[nodiscard]] std::string ruleset(const std::string &table, const std::vector<Network> &networks,
                                  const std::vector<Publication> &publications);

// For the inside of a container: leads 127.0.0.11:53 to the DNS server's ports, instead of where it led.
[[nodiscard]] std::string dns_ruleset(std::uint16_t udp_port, std::uint16_t tcp_port);

} // namespace network
