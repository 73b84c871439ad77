#include "engine/network/netlink.hpp"

#include "base/error.hpp"

#include <linux/netlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>
#include <new>
#include <vector>

namespace network {

Message::Message(int type, int flags, const void *header, std::size_t size)
    : message_(::nlmsg_alloc_simple(type, NLM_F_REQUEST | flags)) {
    if (!message_)
        throw std::bad_alloc();
    append(header, size);
}

// The buffer is a page; what this module sends stays far below it, so a full one is a defect.
Message &Message::append(const void *data, std::size_t size) {
    if (::nlmsg_append(message_.get(), const_cast<void *>(data), size, NLMSG_ALIGNTO) < 0)
        throw base::Error("netlink message does not fit its buffer");
    return *this;
}

Message &Message::raw(int attribute, const void *data, std::size_t size) {
    if (::nla_put(message_.get(), attribute, static_cast<int>(size), data) < 0)
        throw base::Error("netlink message does not fit its buffer");
    return *this;
}

Message &Message::put_mac(int attribute, const std::string &mac) {
    const auto bytes = parse_mac(mac).value();
    return raw(attribute, bytes.data(), bytes.size());
}

nlattr *Message::open(int attribute) {
    nlattr *start = ::nla_nest_start(message_.get(), attribute);
    if (start == nullptr)
        throw base::Error("netlink message does not fit its buffer");
    return start;
}

static_assert(NETLINK_ROUTE == 0);

Netlink::Netlink(int protocol) : fd_(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)) {
    base::check(fd_.get(), "open", "the netlink socket");
    const int on = 1;
    // Explanations are a convenience; kernels without them still work.
    (void)::setsockopt(fd_.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
}

void Netlink::send(Message &message, int flags) {
    nlmsghdr *header = message.native();
    header->nlmsg_seq = ++sequence_;
    header->nlmsg_flags |= static_cast<std::uint16_t>(flags);
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    base::check(::sendto(fd_.get(), header, header->nlmsg_len, 0, reinterpret_cast<sockaddr *>(&kernel),
                         sizeof kernel),
                "send", "netlink request");
}

namespace {

std::string explanation_of(nlmsghdr *header) {
    if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
        return {};
    const auto *error = static_cast<const nlmsgerr *>(::nlmsg_data(header));
    std::size_t skip = sizeof *error;
    if ((header->nlmsg_flags & NLM_F_CAPPED) == 0)
        skip += error->msg.nlmsg_len - sizeof(nlmsghdr);
    const nlattr *text = ::nlmsg_find_attr(header, static_cast<int>(skip), NLMSGERR_ATTR_MSG);
    return text == nullptr ? std::string() : static_cast<const char *>(::nla_data(text));
}

std::vector<char> receive(int fd) {
    std::vector<char> buffer(32768);
    ssize_t size = 0;
    do
        size = ::recv(fd, buffer.data(), buffer.size(), 0);
    while (size < 0 && errno == EINTR);
    base::check(size, "receive", "netlink answer");
    buffer.resize(static_cast<std::size_t>(size));
    return buffer;
}

} // namespace

int Netlink::try_request(Message &message) {
    send(message, NLM_F_ACK);
    for (;;) {
        std::vector<char> answer = receive(fd_.get());
        int left = static_cast<int>(answer.size());
        for (auto *header = reinterpret_cast<nlmsghdr *>(answer.data()); ::nlmsg_ok(header, left);
             header = ::nlmsg_next(header, &left)) {
            if (header->nlmsg_seq != sequence_ || header->nlmsg_type != NLMSG_ERROR)
                continue;
            explanation_ = explanation_of(header);
            return -static_cast<const nlmsgerr *>(::nlmsg_data(header))->error;
        }
    }
}

void Netlink::request(Message &message, const std::string &stage, const std::string &subject) {
    const int error = try_request(message);
    if (error == 0)
        return;
    std::string hint = error == EPERM ? "run compose as root" : "";
    if (!explanation_.empty())
        hint = "the kernel says: " + explanation_;
    throw base::SystemError(stage, error, subject, hint);
}

void Netlink::dump(Message &message, const std::function<void(nlmsghdr *)> &each, const std::string &stage) {
    send(message, NLM_F_DUMP);
    for (;;) {
        std::vector<char> answer = receive(fd_.get());
        int left = static_cast<int>(answer.size());
        for (auto *header = reinterpret_cast<nlmsghdr *>(answer.data()); ::nlmsg_ok(header, left);
             header = ::nlmsg_next(header, &left)) {
            if (header->nlmsg_seq != sequence_)
                continue;
            if (header->nlmsg_type == NLMSG_DONE)
                return;
            if (header->nlmsg_type == NLMSG_ERROR)
                throw base::SystemError(stage, -static_cast<const nlmsgerr *>(::nlmsg_data(header))->error,
                                        "");
            each(header);
        }
    }
}

unsigned Netlink::link_index(const std::string &name) const {
    ifreq request{};
    if (name.empty() || name.size() >= sizeof request.ifr_name)
        return 0;
    std::memcpy(request.ifr_name, name.c_str(), name.size());
    return ::ioctl(fd_.get(), SIOCGIFINDEX, &request) < 0 ? 0 : static_cast<unsigned>(request.ifr_ifindex);
}

} // namespace network
