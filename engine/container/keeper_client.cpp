#include "engine/container/keeper_client.hpp"

#include "base/error.hpp"
#include "engine/container/keeper/protocol.h"

#include <sys/socket.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace container {

namespace {

static_assert(keeper_name_limit == KEEPER_NAME_SIZE - 1);
static_assert(keeper_descriptors_per_name == KEEPER_FDS_PER_NAME);

constexpr int patience_ms = 5000;

struct Reply {
    keeper_message message{};
    std::vector<base::UniqueFd> descriptors;
};

union Control {
    cmsghdr header; // for its alignment
    char bytes[CMSG_SPACE(sizeof(int) * KEEPER_FDS_PER_NAME)];
};

[[noreturn]] void throw_gone(int error) {
    throw base::SystemError("talk to the keeper", error, "", "it was killed; the supervisor starts another");
}

void send_request(int socket, keeper_message request, std::span<const int> descriptors) {
    request.count = static_cast<std::uint32_t>(descriptors.size());
    iovec data{&request, sizeof request};
    Control control{};
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
        header.msg_control = control.bytes;
        header.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
        auto *part = CMSG_FIRSTHDR(&header);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(descriptors.size_bytes());
        std::memcpy(CMSG_DATA(part), descriptors.data(), descriptors.size_bytes());
    }
    if (::sendmsg(socket, &header, MSG_NOSIGNAL) < 0)
        throw_gone(errno);
}

Reply receive_reply(int socket) {
    Reply reply;
    iovec data{&reply.message, sizeof reply.message};
    Control control{};
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof control.bytes;
    // An event loop may have made the socket non-blocking, so the waiting is done here.
    pollfd ready{socket, POLLIN, 0};
    int count = 0;
    do
        count = ::poll(&ready, 1, patience_ms);
    while (count < 0 && errno == EINTR);
    if (count <= 0)
        throw_gone(count == 0 ? ETIMEDOUT : errno);
    const ssize_t size = ::recvmsg(socket, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    if (size != sizeof reply.message)
        throw_gone(size < 0 ? errno : EPIPE);
    if (const auto *part = CMSG_FIRSTHDR(&header); part != nullptr && part->cmsg_type == SCM_RIGHTS) {
        std::vector<int> numbers((part->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        std::memcpy(numbers.data(), CMSG_DATA(part), numbers.size() * sizeof(int));
        for (const int number : numbers)
            reply.descriptors.emplace_back(number);
    }
    if ((header.msg_flags & MSG_CTRUNC) != 0)
        throw base::Error("too many open files to take the keeper's descriptors",
                          "raise the limit (ulimit -n)");
    return reply;
}

Reply ask(int socket, keeper_type type, const std::string &name, std::uint64_t value,
          std::span<const int> descriptors = {}) {
    if (name.size() > keeper_name_limit || descriptors.size() > keeper_descriptors_per_name)
        throw base::Error("the keeper can't store " + std::to_string(descriptors.size())
                          + " descriptors as \"" + name + "\"");
    keeper_message request{};
    request.type = type;
    request.value = value;
    name.copy(request.name, keeper_name_limit);
    send_request(socket, request, descriptors);
    auto reply = receive_reply(socket);
    if (reply.message.type == KEEPER_REFUSED)
        throw base::SystemError("store in the keeper", static_cast<int>(reply.message.value), name);
    return reply;
}

base::UniqueFd inherited(const char *variable) {
    const char *text = std::getenv(variable);
    int number = -1;
    if (text != nullptr)
        std::from_chars(text, text + std::strlen(text), number);
    if (number < 0 || ::fcntl(number, F_SETFD, FD_CLOEXEC) < 0)
        throw base::Error(std::string(variable) + " names no open descriptor",
                          "the supervisor is started by its keeper, not by hand; run compose up");
    ::unsetenv(variable);
    return base::UniqueFd(number);
}

} // namespace

KeeperClient KeeperClient::from_environment() {
    auto socket = inherited("COMPOSE_KEEPER_FD");
    return {std::move(socket), inherited("COMPOSE_KEEPER_EVENT_FD")};
}

void KeeperClient::store(const std::string &name, std::span<const int> descriptors) {
    (void)ask(socket_.get(), KEEPER_STORE, name, 0, descriptors);
}

void KeeperClient::drop(const std::string &name) {
    (void)ask(socket_.get(), KEEPER_DROP, name, 0);
}

DescriptorStore KeeperClient::take_all() {
    DescriptorStore store;
    for (std::uint64_t slot = 0;; ++slot) {
        auto reply = ask(socket_.get(), KEEPER_TAKE, "", slot);
        if (reply.message.type != KEEPER_ENTRY)
            return store;
        slot = reply.message.value;
        reply.message.name[keeper_name_limit] = '\0';
        store.insert_or_assign(reply.message.name, std::move(reply.descriptors));
    }
}

bool KeeperClient::truncate_exits(std::uint64_t consumed) {
    return ask(socket_.get(), KEEPER_TRUNCATE, "", consumed).message.value == 1;
}

void KeeperClient::acknowledge() {
    std::uint64_t count = 0;
    if (::read(event_.get(), &count, sizeof count) < 0 && errno != EAGAIN)
        base::throw_errno("read", "the keeper's event");
}

} // namespace container
