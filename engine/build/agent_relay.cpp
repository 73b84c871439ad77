#include "engine/build/agent_relay.hpp"

#include "base/error.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <fcntl.h>
#include <list>
#include <poll.h>
#include <unistd.h>
#include <vector>

namespace build {

namespace {

constexpr int backlog = 16;
constexpr timeval patience{10, 0}; // for one that does not read what it asked for

// Paths may be longer than an address holds; a descriptor's name in /proc is not.
sockaddr_un address_of(const std::filesystem::path &directory_by_descriptor, const std::string &name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = (directory_by_descriptor / name).string();
    std::memcpy(address.sun_path, path.data(), std::min(path.size(), sizeof address.sun_path - 1));
    return address;
}

struct Directory {
    explicit Directory(const std::filesystem::path &path)
        : fd(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
          name("/proc/self/fd/" + std::to_string(fd.get())) {}

    base::UniqueFd fd;
    std::filesystem::path name;
};

base::UniqueFd new_socket() {
    return base::UniqueFd(
        base::check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "create", "a socket"));
}

struct Connection {
    base::UniqueFd step, agent;
};

// False when either is over.
bool pass_on(int from, int to) {
    std::array<char, 16384> buffer;
    const ssize_t count = ::recv(from, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    for (ssize_t sent = 0; sent < count;) {
        const ssize_t more =
            ::send(to, buffer.data() + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
        if (more < 0 && errno != EINTR)
            return false;
        sent += std::max<ssize_t>(more, 0);
    }
    return count > 0;
}

} // namespace

base::UniqueFd connect_to(const std::filesystem::path &socket) {
    const Directory directory(socket.parent_path());
    base::UniqueFd fd = new_socket();
    const sockaddr_un address = address_of(directory.name, socket.filename());
    if (::connect(fd.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) < 0)
        return {};
    return fd;
}

AgentRelay::AgentRelay(const std::filesystem::path &socket, std::filesystem::path agent, const Rights &rights)
    : agent_(std::move(agent)), listener_(new_socket()), stop_(base::make_eventfd()) {
    const Directory directory(socket.parent_path());
    const sockaddr_un address = address_of(directory.name, socket.filename());
    base::check(::bind(listener_.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address), "bind",
                socket.string());
    base::check(::chown(socket.c_str(), rights.uid, rights.gid), "set owner of", socket.string());
    base::check(::chmod(socket.c_str(), rights.mode), "set mode of", socket.string());
    base::check(::listen(listener_.get(), backlog), "listen on", socket.string());
    thread_ = std::thread([this] { run(); });
}

AgentRelay::~AgentRelay() {
    const std::uint64_t one = 1;
    static_cast<void>(::write(stop_.get(), &one, sizeof one));
    thread_.join();
}

void AgentRelay::run() const {
    std::list<Connection> connections;
    for (;;) {
        std::vector<pollfd> fds{{stop_.get(), POLLIN, 0}, {listener_.get(), POLLIN, 0}};
        for (const Connection &each : connections) {
            fds.push_back({each.step.get(), POLLIN, 0});
            fds.push_back({each.agent.get(), POLLIN, 0});
        }
        if (::poll(fds.data(), fds.size(), -1) < 0)
            continue;
        if (fds[0].revents != 0)
            return;
        std::size_t place = 2;
        for (auto each = connections.begin(); each != connections.end(); place += 2) {
            const bool goes_on =
                (fds[place].revents == 0 || pass_on(each->step.get(), each->agent.get()))
                && (fds[place + 1].revents == 0 || pass_on(each->agent.get(), each->step.get()));
            each = goes_on ? std::next(each) : connections.erase(each);
        }
        if (fds[1].revents == 0)
            continue;
        Connection connection{base::UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)),
                              connect_to(agent_)};
        for (const base::UniqueFd *end : {&connection.step, &connection.agent})
            if (*end)
                ::setsockopt(end->get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        // Without an agent the step's connection ends, as it would with an agent that refuses.
        if (connection.step && connection.agent)
            connections.push_back(std::move(connection));
    }
}

} // namespace build
