// Requests to the kernel over netlink: a message under construction, and a socket that sends it and waits
// for the answer. The socket belongs to the network namespace of the thread that opened it, and may be used
// from any other afterwards.
#pragma once

#include "base/fd.hpp"
#include "engine/network/address.hpp"

#include <netlink/msg.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace network {

class Message {
  public:
    // The acknowledgement is asked for by the socket.
    template <typename Header>
    Message(int type, int flags, const Header &header) : Message(type, flags, &header, sizeof header) {}

    Message &put(int attribute, std::uint8_t value) { return raw(attribute, &value, sizeof value); }

    Message &put(int attribute, std::uint32_t value) { return raw(attribute, &value, sizeof value); }

    Message &put(int attribute, const std::string &text) {
        return raw(attribute, text.c_str(), text.size() + 1);
    }

    Message &put(int attribute, const IpAddress &address) {
        return raw(attribute, address.data(), address.size());
    }

    // "02:42:..."; @pre it is a MAC address.
    Message &put_mac(int attribute, const std::string &mac);
    Message &raw(int attribute, const void *data, std::size_t size);

    // A header inside an attribute, before its nested attributes, as VETH_INFO_PEER has.
    template <typename Header>
    Message &append(const Header &header) {
        return append(&header, sizeof header);
    }

    // The attributes that `fill` puts, nested in `attribute`.
    template <typename Fill>
    Message &nest(int attribute, const Fill &fill) {
        nlattr *start = open(attribute);
        fill();
        ::nla_nest_end(message_.get(), start);
        return *this;
    }

    [[nodiscard]] nlmsghdr *native() { return ::nlmsg_hdr(message_.get()); }

  private:
    Message(int type, int flags, const void *header, std::size_t size);
    Message &append(const void *data, std::size_t size);
    nlattr *open(int attribute);

    struct Free {
        void operator()(nl_msg *message) const { ::nlmsg_free(message); }
    };

    std::unique_ptr<nl_msg, Free> message_;
};

class Netlink {
  public:
    // In the calling thread's network namespace; protocol is NETLINK_ROUTE or another NETLINK_*.
    // @throws base::SystemError.
    explicit Netlink(int protocol = 0);

    // Sends and waits until the kernel has done it. 0 or the errno it refused with.
    [[nodiscard]] int try_request(Message &message);
    // @throws base::SystemError "STAGE SUBJECT: reason", with the kernel's own explanation if it gave one.
    void request(Message &message, const std::string &stage, const std::string &subject);
    // Calls `each` for every part of the answer.
    void dump(Message &message, const std::function<void(nlmsghdr *)> &each, const std::string &stage);

    // 0 when there is none.
    [[nodiscard]] unsigned link_index(const std::string &name) const;

  private:
    void send(Message &message, int flags);

    base::UniqueFd fd_;
    std::uint32_t sequence_ = 0;
    std::string explanation_; // of the last refusal
};

} // namespace network
