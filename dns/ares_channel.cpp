#include "dns/ares_channel.hpp"

#include "base/error.hpp"

#include <boost/asio/error.hpp>

#include <sys/random.h>
#include <sys/time.h>

#include <chrono>
#include <string>

namespace dns {

namespace {

// Two rounds over the servers, the second with twice the patience, have to end before the C library's
// own five seconds.
constexpr int rounds = 2;
constexpr int patience_ms = 4500;
constexpr int weight_of_rounds = 1 + 2;

void check(int status, const char *what) {
    if (status != ARES_SUCCESS)
        throw base::Error(std::string(what) + ": " + ares_strerror(status));
}

} // namespace

struct AresChannel::Watch {
    explicit Watch(boost::asio::io_context &io, ares_socket_t fd) : descriptor(io, fd) {}

    boost::asio::posix::stream_descriptor descriptor;
    bool wants_read = false, wants_write = false;
    bool reading = false, writing = false; // a wait is pending
};

struct AresChannel::Question {
    AresChannel *channel;
    std::uint16_t id;
    AnswerHandler handler;
};

AresChannel::AresChannel(boost::asio::io_context &io, const std::vector<ServerAddress> &servers, bool edns)
    : io_(io), timer_(io) {
    ares_options options{};
    std::string no_file = "/dev/null"; // the servers are given; nothing else of the host's file matters here
    options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | (edns ? ARES_FLAG_EDNS : 0);
    options.ednspsz = 4096;
    options.timeout =
        patience_ms / weight_of_rounds / static_cast<int>(std::max<std::size_t>(servers.size(), 1));
    options.tries = rounds;
    options.resolvconf_path = no_file.data();
    options.sock_state_cb = on_socket;
    options.sock_state_cb_data = this;
    check(ares_init_options(&channel_, &options,
                            ARES_OPT_FLAGS | ARES_OPT_EDNSPSZ | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES
                                | ARES_OPT_RESOLVCONF | ARES_OPT_SOCK_STATE_CB | ARES_OPT_NOROTATE),
          "prepare forwarding of DNS questions");
    try {
        set_servers(servers);
    } catch (...) {
        ares_destroy(channel_);
        throw;
    }
}

AresChannel::~AresChannel() {
    ares_destroy(channel_);
}

void AresChannel::set_servers(const std::vector<ServerAddress> &servers) {
    std::vector<ares_addr_port_node> nodes(servers.size());
    for (std::size_t i = 0; i < servers.size(); ++i) {
        const auto bytes = servers[i].address.bytes();
        const bool v4 = servers[i].address.family() == Address::Family::v4;
        nodes[i].next = i + 1 < servers.size() ? &nodes[i + 1] : nullptr;
        nodes[i].family = v4 ? AF_INET : AF_INET6;
        std::copy(bytes.begin(), bytes.end(), reinterpret_cast<std::uint8_t *>(&nodes[i].addr));
        nodes[i].udp_port = nodes[i].tcp_port = servers[i].port;
    }
    check(ares_set_servers_ports(channel_, nodes.data()), "set the DNS servers");
}

void AresChannel::send(Bytes query, AnswerHandler handler) {
    const std::uint16_t id = unused_id();
    set_id(query, id);
    ids_.insert(id);
    auto *question = new Question{this, id, std::move(handler)}; // c-ares gives it back exactly once
    ares_send(channel_, query.data(), static_cast<int>(query.size()), on_answer, question);
    arm_timer();
}

std::uint16_t AresChannel::unused_id() const {
    std::uint16_t id = 0;
    do {
        if (getrandom(&id, sizeof id, 0) != sizeof id)
            base::throw_errno("getrandom", "id of a DNS question");
    } while (ids_.contains(id));
    return id;
}

void AresChannel::on_answer(void *argument, int status, int, unsigned char *answer, int size) {
    const std::unique_ptr<Question> question(static_cast<Question *>(argument));
    question->channel->ids_.erase(question->id);
    std::optional<Bytes> bytes;
    if (status == ARES_SUCCESS && answer)
        bytes.emplace(answer, answer + size);
    question->handler(std::move(bytes));
}

void AresChannel::on_socket(void *self, ares_socket_t fd, int readable, int writable) {
    auto &channel = *static_cast<AresChannel *>(self);
    auto &watch = channel.watches_[fd];
    if (!watch)
        watch = std::make_shared<Watch>(channel.io_, fd);
    watch->wants_read = readable;
    watch->wants_write = writable;
    if (!readable && !writable) { // about to be closed, by its owner
        watch->descriptor.release();
        channel.watches_.erase(fd);
        return;
    }
    channel.watch_read(watch);
    channel.watch_write(watch);
}

void AresChannel::watch_read(const std::shared_ptr<Watch> &watch) {
    if (!watch->wants_read || std::exchange(watch->reading, true))
        return;
    watch->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                                 [weak = weak_from_this(), watch](const boost::system::error_code &error) {
                                     watch->reading = false;
                                     const auto self = weak.lock();
                                     if (!self || error || !watch->descriptor.is_open())
                                         return;
                                     self->process(watch->descriptor.native_handle(), ARES_SOCKET_BAD);
                                     if (watch->descriptor.is_open())
                                         self->watch_read(watch);
                                 });
}

void AresChannel::watch_write(const std::shared_ptr<Watch> &watch) {
    if (!watch->wants_write || std::exchange(watch->writing, true))
        return;
    watch->descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_write,
                                 [weak = weak_from_this(), watch](const boost::system::error_code &error) {
                                     watch->writing = false;
                                     const auto self = weak.lock();
                                     if (!self || error || !watch->descriptor.is_open())
                                         return;
                                     self->process(ARES_SOCKET_BAD, watch->descriptor.native_handle());
                                     if (watch->descriptor.is_open())
                                         self->watch_write(watch);
                                 });
}

void AresChannel::process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    arm_timer();
}

void AresChannel::arm_timer() {
    timeval buffer{};
    const timeval *left = ares_timeout(channel_, nullptr, &buffer);
    if (!left) {
        timer_.cancel();
        return;
    }
    // One more millisecond: c-ares has to find the moment passed.
    timer_.expires_after(std::chrono::seconds(left->tv_sec) + std::chrono::microseconds(left->tv_usec)
                         + std::chrono::milliseconds(1));
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code &error) {
        const auto self = weak.lock();
        if (self && !error)
            self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
}

} // namespace dns
