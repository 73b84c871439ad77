#include "dns/udp_batch.hpp"

#include "base/error.hpp"

#include <cerrno>
#include <utility>

namespace dns {

UdpBatch::UdpBatch() {
    for (std::size_t i = 0; i < capacity; ++i) {
        parts_[i] = {buffers_[i].data(), max_query};
        received_[i] = {};
        received_[i].msg_hdr.msg_name = &peers_[i];
        received_[i].msg_hdr.msg_iov = &parts_[i];
        received_[i].msg_hdr.msg_iovlen = 1;
    }
}

std::size_t UdpBatch::receive(int fd) {
    for (mmsghdr &message : received_)
        message.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    while (true) {
        const int count = recvmmsg(fd, received_.data(), capacity, MSG_DONTWAIT, nullptr);
        if (count >= 0)
            return static_cast<std::size_t>(count);
        if (errno == EAGAIN)
            return 0;
        if (errno != EINTR)
            base::throw_errno("receive", "DNS question");
    }
}

ByteView UdpBatch::datagram(std::size_t index) const {
    if (received_[index].msg_hdr.msg_flags & MSG_TRUNC)
        return {};
    return {buffers_[index].data(), received_[index].msg_len};
}

Peer UdpBatch::peer(std::size_t index) const {
    return {peers_[index], received_[index].msg_hdr.msg_namelen};
}

void UdpBatch::reply(std::size_t index, Bytes message) {
    answers_[kept_] = std::move(message);
    answer_parts_[kept_] = {answers_[kept_].data(), answers_[kept_].size()};
    replies_[kept_] = {};
    replies_[kept_].msg_hdr.msg_name = &peers_[index];
    replies_[kept_].msg_hdr.msg_namelen = received_[index].msg_hdr.msg_namelen;
    replies_[kept_].msg_hdr.msg_iov = &answer_parts_[kept_];
    replies_[kept_].msg_hdr.msg_iovlen = 1;
    ++kept_;
}

void UdpBatch::flush(int fd) {
    std::size_t sent = 0;
    while (sent < kept_) {
        const int count =
            sendmmsg(fd, &replies_[sent], static_cast<unsigned>(kept_ - sent), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        sent += count > 0 ? static_cast<std::size_t>(count) : 1; // the first one cannot be sent: skip it
    }
    kept_ = 0;
}

void send_datagram(int fd, const Peer &peer, ByteView message) {
    sendto(fd, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr *>(&peer.address), peer.size);
}

} // namespace dns
