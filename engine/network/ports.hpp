// The host's ports that are published: each is held by bound sockets for as long as it is, so that a
// conflict shows before anything is created and nobody else can take the port while DNAT shadows it. The
// sockets also are where proxy.hpp serves what DNAT does not catch.
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "engine/network/spec.hpp"

#include <string>
#include <vector>

namespace network {

struct HeldPort {
    PublishedPort port; // resolved
    // Bound, non-blocking, and listening if TCP: one for IPv4 and one for IPv6 when all addresses are meant
    // (IPv4 only on a host without IPv6), else one.
    std::vector<base::UniqueFd> sockets;
};

// Holds all of the ports, in the order given, or none. Ranges and 0 are resolved to free ports.
// @throws base::Error naming the port and who holds it: a container of ours, or a process; and when the
// address is not the host's, or the port is a privileged one.
[[nodiscard]] std::vector<HeldPort> reserve(const base::Paths &paths,
                                            const std::vector<PublishedPort> &ports);

// Whether reserve() would succeed, without holding anything. @throws as reserve().
void check_free(const base::Paths &paths, const std::vector<PublishedPort> &ports);

// Sockets that come back from a descriptor store. @throws base::Error when one is not a socket of that
// protocol bound to that port.
[[nodiscard]] HeldPort adopt(const PublishedPort &port, std::vector<base::UniqueFd> sockets);

} // namespace network
