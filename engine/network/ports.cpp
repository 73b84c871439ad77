#include "engine/network/ports.hpp"

#include "base/error.hpp"
#include "engine/network/port_owner.hpp"
#include "engine/network/socket_address.hpp"

#include <fmt/format.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace network {

namespace {

struct Binding {
    std::vector<base::UniqueFd> sockets;
    int error = 0; // of the first socket that could not be bound
};

bool is_tcp(const PublishedPort &port) {
    return port.protocol == "tcp";
}

// The addresses a socket is bound to for the port.
std::vector<IpAddress> addresses_of(const PublishedPort &port) {
    if (port.host_ip.empty())
        return {IpAddress(), IpAddress::parse("::").value()};
    const auto address = IpAddress::parse(port.host_ip);
    if (!address)
        throw base::Error(
            fmt::format("port {}: host_ip {} is not an IP address", host_side_text(port), port.host_ip),
            "write an IPv4 or IPv6 address of this host");
    return {*address};
}

// A bound and, if TCP, listening socket; or -1 with errno.
base::UniqueFd try_bind(const IpAddress &address, std::uint16_t port, bool tcp) {
    const int kind = (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    base::UniqueFd fd(::socket(address.is_v4() ? AF_INET : AF_INET6, kind, 0));
    const int on = 1;
    if (!fd)
        return fd;
    // Connections of the port's last holder that still linger are not in the way.
    if (tcp && ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0)
        return {};
    if (!address.is_v4() && ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0)
        return {};
    const SocketAddress name(address, port);
    if (::bind(fd.get(), name.get(), name.size()) < 0 || (tcp && ::listen(fd.get(), SOMAXCONN) < 0))
        return {};
    return fd;
}

// All sockets at one number (0: at any number that is free for all of them).
Binding bind_all(const PublishedPort &port, const std::vector<IpAddress> &addresses, std::uint16_t number) {
    Binding binding;
    for (const IpAddress &address : addresses) {
        base::UniqueFd fd = try_bind(address, number, is_tcp(port));
        const int error = fd ? 0 : errno;
        const bool no_ipv6 = error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
        if (!fd && no_ipv6 && !binding.sockets.empty())
            continue;
        if (!fd)
            return {{}, error};
        number = SocketAddress::of(fd.get()).port();
        binding.sockets.push_back(std::move(fd));
    }
    return binding;
}

[[noreturn]] void refuse(const base::Paths &paths, const PublishedPort &port, int error) {
    const std::string what = fmt::format("port {}", host_side_text(port));
    if (error == EADDRNOTAVAIL)
        throw base::Error(fmt::format("{}: {} is not an address of this host", what, port.host_ip),
                          "use one that `ip address` shows, or leave it out");
    if (error == EACCES || error == EPERM)
        throw base::Error(fmt::format("{}: ports below 1024 need privileges", what),
                          "publish on a higher port, or lower net.ipv4.ip_unprivileged_port_start");
    if (error != EADDRINUSE)
        throw base::SystemError("reserve", error, what);
    if (port.host_last > port.host_first)
        throw base::Error(fmt::format("{}: every port of the range is in use", what),
                          "widen the range in `ports`, or stop what uses it");
    throw base::Error(
        fmt::format("{} is in use by {}", what, port_owner(paths, port).value_or("another process")),
        "stop it, or publish on another port");
}

HeldPort reserve_one(const base::Paths &paths, const PublishedPort &port) {
    const auto addresses = addresses_of(port);
    // A number the kernel picks for IPv4 may be taken for IPv6; the next one hardly is as well.
    constexpr int attempts = 16;
    const int last = port.host_first == 0 ? attempts - 1 : std::max(port.host_first, port.host_last);
    Binding binding;
    for (int number = port.host_first; number <= last; ++number) {
        binding = bind_all(port, addresses, port.host_first == 0 ? 0 : static_cast<std::uint16_t>(number));
        if (binding.error != EADDRINUSE)
            break;
    }
    if (binding.error != 0)
        refuse(paths, port, binding.error);
    HeldPort held{port, std::move(binding.sockets)};
    held.port.host_first = held.port.host_last = SocketAddress::of(held.sockets.front().get()).port();
    return held;
}

} // namespace

std::vector<HeldPort> reserve(const base::Paths &paths, const std::vector<PublishedPort> &ports) {
    std::vector<HeldPort> held(ports.size());
    // Fixed ports first, so that a range does not take one of them.
    for (const bool fixed : {true, false})
        for (std::size_t i = 0; i < ports.size(); ++i)
            if (ports[i].resolved() == fixed)
                held[i] = reserve_one(paths, ports[i]);
    return held;
}

void check_free(const base::Paths &paths, const std::vector<PublishedPort> &ports) {
    (void)reserve(paths, ports);
}

HeldPort adopt(const PublishedPort &port, std::vector<base::UniqueFd> sockets) {
    for (const base::UniqueFd &fd : sockets) {
        int kind = 0;
        socklen_t size = sizeof kind;
        const bool right_kind = ::getsockopt(fd.get(), SOL_SOCKET, SO_TYPE, &kind, &size) == 0
                                && kind == (is_tcp(port) ? SOCK_STREAM : SOCK_DGRAM);
        if (!right_kind || SocketAddress::of(fd.get()).port() != port.host_first)
            throw base::Error(
                fmt::format("the descriptor kept for port {} is not its socket", host_side_text(port)),
                "restart the container");
    }
    return {port, std::move(sockets)};
}

} // namespace network
