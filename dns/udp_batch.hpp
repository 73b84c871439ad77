// Datagrams received and answered many at a time, so that a busy socket costs two system calls for a batch.
// Buffers are allocated once; one batch serves every socket of a thread in turn.
#pragma once

#include "dns/wire.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdint>

namespace dns {

struct Peer {
    sockaddr_storage address{};
    socklen_t size = 0;
};

class UdpBatch {
  public:
    static constexpr std::size_t capacity = 32;
    static constexpr std::size_t max_query = 1232; // longer datagrams are no sensible query, and dropped

    UdpBatch();

    UdpBatch(const UdpBatch &) = delete;
    UdpBatch &operator=(const UdpBatch &) = delete;

    // How many datagrams came; 0 when none is waiting. Valid until the next call. @throws base::SystemError.
    std::size_t receive(int fd);

    // Empty for one that was too long.
    [[nodiscard]] ByteView datagram(std::size_t index) const;
    [[nodiscard]] Peer peer(std::size_t index) const;

    // Keeps an answer for flush().
    void reply(std::size_t index, Bytes message);
    // Sends what was kept; what the socket does not take at once is lost, as datagrams may be.
    void flush(int fd);

  private:
    std::array<std::array<std::uint8_t, max_query>, capacity> buffers_;
    std::array<sockaddr_storage, capacity> peers_;
    std::array<iovec, capacity> parts_;
    std::array<mmsghdr, capacity> received_;
    std::array<Bytes, capacity> answers_;
    std::array<iovec, capacity> answer_parts_;
    std::array<mmsghdr, capacity> replies_;
    std::size_t kept_ = 0;
};

void send_datagram(int fd, const Peer &peer, ByteView message);

} // namespace dns
