// The servers of a resolv.conf(5). Pure.
#pragma once

#include "dns/address.hpp"

#include <string_view>
#include <vector>

namespace dns {

// The first three `nameserver` lines, as the C library takes them; 127.0.0.1 when there is none. Link-local
// addresses with a zone are left out: c-ares cannot reach them.
[[nodiscard]] std::vector<ServerAddress> parse_resolv_conf(std::string_view text);

} // namespace dns
