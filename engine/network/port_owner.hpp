// Who holds a port that can't be had: for the message, so it may be slow (it reads all of /proc).
#pragma once

#include "base/paths.hpp"
#include "engine/network/spec.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace network {

// Inodes of the sockets that take the port in a table of /proc/net (tcp, tcp6, udp, udp6); of TCP only those
// that listen. Pure.
[[nodiscard]] std::set<std::uint64_t> socket_inodes(std::string_view table, std::uint16_t port, bool tcp);

// "container shop-web-1 of project shop", "process nginx (pid 812)", "Docker (docker-proxy, pid 901)";
// nullopt when it can't be found out.
[[nodiscard]] std::optional<std::string> port_owner(const base::Paths &paths, const PublishedPort &port);

} // namespace network
