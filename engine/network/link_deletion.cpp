#include "engine/network/link_deletion.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <linux/rtnetlink.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <memory>
#include <poll.h>
#include <set>
#include <unistd.h>

namespace network {

namespace {

ifinfomsg any_link() {
    ifinfomsg header{};
    header.ifi_family = AF_UNSPEC;
    return header;
}

// Hears of each link that leaves the network namespace of the calling thread.
base::UniqueFd listen_for_links() {
    base::UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE));
    base::check(fd.get(), "open", "the netlink socket");
    sockaddr_nl groups{};
    groups.nl_family = AF_NETLINK;
    groups.nl_groups = RTMGRP_LINK;
    base::check(::bind(fd.get(), reinterpret_cast<sockaddr *>(&groups), sizeof groups), "listen for",
                "links of the host");
    return fd;
}

// Takes the links that the waiting messages report as gone out of `waiting`. False when messages were lost.
bool read_gone(int fd, std::set<unsigned> &waiting) {
    std::array<char, 32768> buffer{};
    for (;;) {
        const ssize_t size = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (size < 0 && errno == EINTR)
            continue;
        if (size < 0)
            return errno == EAGAIN;
        int left = static_cast<int>(size);
        for (auto *header = reinterpret_cast<nlmsghdr *>(buffer.data()); ::nlmsg_ok(header, left);
             header = ::nlmsg_next(header, &left)) {
            const auto *link = static_cast<const ifinfomsg *>(::nlmsg_data(header));
            // Another family only tells that the link is no longer a port of a bridge.
            if (header->nlmsg_type == RTM_DELLINK && link->ifi_family == AF_UNSPEC)
                waiting.erase(static_cast<unsigned>(link->ifi_index));
        }
    }
}

// The request and its answer, shared by the thread that makes it and the one that waits.
struct Request {
    Netlink netlink;
    Message message;
    base::UniqueFd done{::eventfd(0, EFD_CLOEXEC)};
    std::atomic<int> error{0};

    void make() {
        error = netlink.try_request(message);
        const std::uint64_t one = 1;
        (void)!::write(done.get(), &one, sizeof one);
    }
};

// Until every link is gone or the request has its answer.
void wait_until_gone(int listener, const Request &request, std::set<unsigned> waiting) {
    std::array<pollfd, 2> ready = {{{.fd = request.done.get(), .events = POLLIN, .revents = 0},
                                    {.fd = listener, .events = POLLIN, .revents = 0}}};
    while (!waiting.empty()) {
        if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR)
            base::throw_errno("wait for", "the end of links");
        if (ready[0].revents != 0)
            return;
        // What was lost may have been the news waited for; the answer comes for certain.
        if (ready[1].revents != 0 && !read_gone(listener, waiting))
            ready[1].fd = -1;
    }
}

} // namespace

void LinkDeletion::remove(Netlink &netlink, const std::vector<std::string> &names,
                          const std::function<void()> &meanwhile) {
    // A group number of its own makes them one transaction; 0 is everybody's.
    const auto group = static_cast<std::uint32_t>(std::stoul(base::random_hex(8), nullptr, 16) | 0x40000000U);
    std::set<unsigned> indexes;
    for (const std::string &name : names) {
        const unsigned index = netlink.link_index(name);
        Message message(RTM_NEWLINK, 0, any_link());
        message.put(IFLA_IFNAME, name);
        message.put(IFLA_GROUP, group);
        const int error = netlink.try_request(message);
        if (error != 0 && error != ENODEV)
            throw base::SystemError("mark for removal link", error, name);
        if (error == 0)
            indexes.insert(index);
    }
    if (indexes.empty())
        return meanwhile();
    const base::UniqueFd listener = listen_for_links();
    const auto request = std::make_shared<Request>(Netlink(), Message(RTM_DELLINK, 0, any_link()));
    request->message.put(IFLA_GROUP, group);
    request_ = std::jthread([request] { request->make(); });
    meanwhile();
    wait_until_gone(listener.get(), *request, indexes);
    // The links may have gone on their own meanwhile.
    if (const int error = request->error; error != 0 && error != ENODEV)
        throw base::SystemError("remove links", error, fmt::format("{}", fmt::join(names, " ")));
}

} // namespace network
