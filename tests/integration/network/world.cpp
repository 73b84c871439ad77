#include "world.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "engine/network/namespace.hpp"

#include <catch2/catch.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

namespace world {

namespace {

std::filesystem::path make_directory() {
    const char *base = std::getenv("COMPOSE_TEST_DIR");
    std::string pattern = std::string(base != nullptr ? base : "/dev/shm") + "/network-XXXXXX";
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
}

void enter_new_namespace() {
    base::check(::unshare(CLONE_NEWNET), "make", "network namespace");
    shell("ip link set lo up");
}

struct SocketName {
    sockaddr_storage storage{};
    socklen_t size = 0;

    SocketName(std::string address, std::uint16_t port) {
        if (const auto colon = address.find(':'); colon != std::string::npos && colon == address.rfind(':')) {
            port = static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1)));
            address.resize(colon);
        }
        auto *v4 = reinterpret_cast<sockaddr_in *>(&storage);
        auto *v6 = reinterpret_cast<sockaddr_in6 *>(&storage);
        if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
            v4->sin_family = AF_INET;
            v4->sin_port = htons(port);
            size = sizeof *v4;
        } else {
            REQUIRE(::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1);
            v6->sin6_family = AF_INET6;
            v6->sin6_port = htons(port);
            size = sizeof *v6;
        }
    }

    sockaddr *get() { return reinterpret_cast<sockaddr *>(&storage); }

    int family() const { return storage.ss_family; }
};

std::string text(const sockaddr_storage &name) {
    char buffer[INET6_ADDRSTRLEN];
    const auto *v4 = reinterpret_cast<const sockaddr_in *>(&name);
    const auto *v6 = reinterpret_cast<const sockaddr_in6 *>(&name);
    if (name.ss_family == AF_INET)
        ::inet_ntop(AF_INET, &v4->sin_addr, buffer, sizeof buffer);
    else
        ::inet_ntop(AF_INET6, &v6->sin6_addr, buffer, sizeof buffer);
    return buffer;
}

base::UniqueFd open_socket(int type, SocketName &name) {
    base::UniqueFd fd(::socket(name.family(), type | SOCK_CLOEXEC, 0));
    base::check(fd.get(), "open", "socket");
    return fd;
}

using Patience = std::chrono::milliseconds;

bool wait_for(int fd, short events, Patience patience = std::chrono::seconds(10)) {
    pollfd wanted{fd, events, 0};
    return ::poll(&wanted, 1, static_cast<int>(patience.count())) == 1;
}

std::optional<std::string> converse(Protocol protocol, SocketName name, const std::string &source,
                                    Patience patience) {
    const int type = protocol == Protocol::tcp ? SOCK_STREAM : SOCK_DGRAM;
    const base::UniqueFd fd = open_socket(type | SOCK_NONBLOCK, name);
    if (!source.empty()) {
        SocketName own(source, 0);
        base::check(::bind(fd.get(), own.get(), own.size), "bind", source);
    }
    int error = 0;
    socklen_t size = sizeof error;
    if (::connect(fd.get(), name.get(), name.size) < 0 && errno != EINPROGRESS)
        return std::nullopt;
    if (!wait_for(fd.get(), POLLOUT, patience)
        || ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) < 0 || error != 0
        || ::send(fd.get(), "?", 1, MSG_NOSIGNAL) != 1)
        return std::nullopt;
    if (protocol == Protocol::tcp)
        ::shutdown(fd.get(), SHUT_WR);
    std::array<char, 256> buffer{};
    const ssize_t got =
        wait_for(fd.get(), POLLIN, patience) ? ::recv(fd.get(), buffer.data(), buffer.size(), 0) : -1;
    if (got <= 0)
        return std::nullopt;
    return std::string(buffer.data(), static_cast<std::size_t>(got));
}

} // namespace

std::string shell(const std::string &command) {
    std::string output;
    std::FILE *pipe = ::popen((command + " 2>&1").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer{};
    while (const std::size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), count);
    INFO(command << "\n" << output);
    REQUIRE(::pclose(pipe) == 0);
    return output;
}

base::UniqueFd make_namespace() {
    base::UniqueFd made;
    std::thread([&] {
        if (::unshare(CLONE_NEWNET) == 0)
            made = network::own_namespace();
    }).join();
    REQUIRE(made.valid());
    return made;
}

void in(const base::UniqueFd &netns, const std::function<void()> &work) {
    network::in_namespace(netns.get(), work);
}

World::World()
    : origin(network::own_namespace()), directory(make_directory()),
      paths(directory / "state", directory / "run") {
    enter_new_namespace();
    host = network::own_namespace();
    outside = make_namespace();
    shell("ip link add uplink type veth peer name out");
    shell("ip addr add 10.99.0.1/24 dev uplink; ip addr add 10.99.0.9/24 dev uplink; "
          "ip addr add fd99::1/64 dev uplink nodad; ip link set uplink up");
    shell("ip link set out netns /proc/" + std::to_string(::getpid()) + "/fd/"
          + std::to_string(outside.get()));
    in(outside, [] {
        shell("ip link set lo up; ip addr add 10.99.0.2/24 dev out; ip addr add fd99::2/64 dev out nodad; "
              "ip link set out up");
    });
    net = network::make_system_host(paths);
}

World::~World() {
    net.reset();
    ::setns(origin.get(), CLONE_NEWNET);
    base::remove_tree(directory);
}

void add_docker_firewall() {
    shell("iptables -P FORWARD DROP; iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN; "
          "iptables -A FORWARD -j DOCKER-USER");
}

void set_bridge_netfilter(bool on) {
    const std::string path = "/proc/sys/net/bridge/bridge-nf-call-iptables";
    const base::UniqueFd fd = base::open_file(path, O_WRONLY);
    base::write_all(fd.get(), on ? "1" : "0", path);
}

network::NetworkSpec spec(const std::string &name) {
    network::NetworkSpec wanted;
    wanted.name = name;
    wanted.project = "test";
    return wanted;
}

Container start(World &world, const std::string &network, const std::string &name) {
    Container container{make_namespace(), {}};
    network::EndpointSpec wanted;
    wanted.container_id = "id-of-" + name;
    wanted.lease_owner = "test/" + name + "/1";
    container.endpoint = world.net->attach(container.netns.get(), network, wanted);
    return container;
}

Server::Server(const base::UniqueFd &netns, const std::string &name, const std::string &address,
               std::uint16_t port)
    : name_(name), stop_(base::make_eventfd()) {
    in(netns, [&] {
        SocketName own(address, port);
        tcp_ = open_socket(SOCK_STREAM, own);
        udp_ = open_socket(SOCK_DGRAM, own);
        base::check(::bind(tcp_.get(), own.get(), own.size), "bind", address);
        base::check(::listen(tcp_.get(), 16), "listen", address);
        base::check(::bind(udp_.get(), own.get(), own.size), "bind", address);
    });
    thread_ = std::thread([this] { serve(); });
}

Server::~Server() {
    const std::uint64_t one = 1;
    (void)!::write(stop_.get(), &one, sizeof one);
    thread_.join();
}

void Server::serve() {
    std::array<pollfd, 3> wanted{
        {{tcp_.get(), POLLIN, 0}, {udp_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}}};
    while (::poll(wanted.data(), wanted.size(), -1) > 0 && wanted[2].revents == 0) {
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        std::array<char, 256> buffer{};
        if (wanted[0].revents != 0) {
            const base::UniqueFd client(
                ::accept4(tcp_.get(), reinterpret_cast<sockaddr *>(&peer), &size, SOCK_CLOEXEC));
            while (::recv(client.get(), buffer.data(), buffer.size(), 0) > 0) {
            }
            const std::string answer = name_ + " " + text(peer);
            (void)!::send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
        }
        if (wanted[1].revents != 0) {
            (void)!::recvfrom(udp_.get(), buffer.data(), buffer.size(), 0,
                              reinterpret_cast<sockaddr *>(&peer), &size);
            const std::string answer = name_ + " " + text(peer);
            (void)!::sendto(udp_.get(), answer.data(), answer.size(), 0, reinterpret_cast<sockaddr *>(&peer),
                            size);
        }
    }
}

std::optional<std::string> ask(const base::UniqueFd &from, Protocol protocol, const std::string &address,
                               std::uint16_t port, const std::string &source,
                               std::chrono::milliseconds patience) {
    std::optional<std::string> answer;
    in(from, [&] { answer = converse(protocol, SocketName(address, port), source, patience); });
    return answer;
}

bool unreachable(const base::UniqueFd &from, Protocol protocol, const std::string &address,
                 std::uint16_t port, const std::string &source) {
    return !ask(from, protocol, address, port, source, std::chrono::milliseconds(300));
}

base::UniqueFd connect_to(const std::string &address, std::uint16_t port) {
    SocketName name(address, port);
    base::UniqueFd fd = open_socket(SOCK_STREAM, name);
    base::check(::connect(fd.get(), name.get(), name.size), "connect to", address);
    return fd;
}

void pollfd_wait(int fd) {
    (void)wait_for(fd, POLLIN);
}

void send_all(int fd, std::string_view data) {
    while (!data.empty()) {
        const ssize_t size = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL);
        if (size <= 0)
            return;
        data.remove_prefix(static_cast<std::size_t>(size));
    }
}

std::string receive_all(int fd) {
    std::string all;
    std::array<char, 65536> buffer{};
    for (ssize_t size = 0; (size = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
        all.append(buffer.data(), static_cast<std::size_t>(size));
    return all;
}

} // namespace world
