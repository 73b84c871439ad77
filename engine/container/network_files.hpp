// The texts of a container's /etc/hosts, /etc/hostname and /etc/resolv.conf, as Docker 26 writes them. Pure.
#pragma once

#include "engine/container/create.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace container {

// host_hosts: the host's own file, the base for containers of the host's network.
// @throws base::Error for host-gateway without an address.
[[nodiscard]] std::string hosts_text(const Spec &spec, const std::string &host_gateway,
                                     std::string_view host_hosts, const std::vector<HostsEntry> &own);

// With a network of its own a container asks the embedded resolver, else the host's.
[[nodiscard]] std::string resolv_conf_text(const Spec &spec, std::string_view host_resolv_conf);

[[nodiscard]] std::string hostname_text(const Spec &spec);

} // namespace container
