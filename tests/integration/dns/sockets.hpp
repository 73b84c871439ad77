// Loopback sockets and a blocking DNS client for the tests.
#pragma once

#include "base/error.hpp"
#include "base/fd.hpp"
#include "dns/wire.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <optional>
#include <string_view>

namespace test {

constexpr std::uint16_t client_id = 0x4242;

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

struct SocketPair { // on one port
    base::UniqueFd udp, tcp;
    std::uint16_t port = 0;
};

inline base::UniqueFd bound(int type, std::uint16_t port) {
    base::UniqueFd fd(base::check(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket", "test"));
    const sockaddr_in address = loopback(port);
    base::check(bind(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), "bind", "test");
    return fd;
}

inline std::uint16_t port_of(int fd) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    base::check(getsockname(fd, reinterpret_cast<sockaddr *>(&address), &size), "getsockname", "test");
    return ntohs(address.sin_port);
}

inline SocketPair bind_pair() {
    for (int attempt = 0;; ++attempt) {
        SocketPair pair;
        pair.udp = bound(SOCK_DGRAM, 0);
        pair.port = port_of(pair.udp.get());
        try {
            pair.tcp = bound(SOCK_STREAM, pair.port);
        } catch (const base::SystemError &) {
            if (attempt < 20)
                continue; // another program has the port for TCP
            throw;
        }
        base::check(listen(pair.tcp.get(), 64), "listen", "test");
        return pair;
    }
}

inline base::UniqueFd connected(int type, std::uint16_t port) {
    base::UniqueFd fd(base::check(socket(AF_INET, type | SOCK_CLOEXEC, 0), "socket", "test"));
    const timeval limit{8, 0};
    setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const sockaddr_in address = loopback(port);
    base::check(connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), "connect",
                "test");
    return fd;
}

inline dns::Bytes query(std::string_view name, dns::Type type, std::optional<dns::Edns> edns = {}) {
    dns::Header header;
    header.id = client_id;
    header.recursion_desired = true;
    dns::Writer writer(header, 512, edns);
    writer.question({*dns::Name::from_text(name), type, dns::Class::in});
    return writer.finish();
}

inline void send_framed(int fd, const dns::Bytes &message) {
    dns::Bytes framed = {static_cast<std::uint8_t>(message.size() >> 8),
                         static_cast<std::uint8_t>(message.size())};
    framed.insert(framed.end(), message.begin(), message.end());
    base::check(send(fd, framed.data(), framed.size(), MSG_NOSIGNAL), "send", "test");
}

// Empty at the end of the stream.
inline dns::Bytes receive_framed(int fd) {
    std::uint8_t length[2];
    if (recv(fd, length, sizeof length, MSG_WAITALL) != sizeof length)
        return {};
    dns::Bytes message(static_cast<std::size_t>(length[0]) << 8 | length[1]);
    const ssize_t got = recv(fd, message.data(), message.size(), MSG_WAITALL);
    message.resize(static_cast<std::size_t>(got < 0 ? 0 : got));
    return message;
}

inline dns::Bytes receive_datagram(int fd) {
    dns::Bytes message(65535);
    const ssize_t got = recv(fd, message.data(), message.size(), 0);
    message.resize(static_cast<std::size_t>(got < 0 ? 0 : got));
    return message;
}

} // namespace test
