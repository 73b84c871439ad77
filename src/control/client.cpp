#include "control/client.hpp"

#include "base/error.hpp"
#include "base/json.hpp"

#include <fmt/format.h>

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <poll.h>

namespace cli {

namespace {

constexpr std::size_t most_descriptors = 8;

} // namespace

void Client::send(const std::string &path, const base::Json &body) {
    const std::string text = base::dump_json(body);
    const std::string request = fmt::format("POST {} HTTP/1.1\r\nHost: supervisor\r\nContent-Type: "
                                            "application/json\r\nContent-Length: {}\r\n\r\n{}",
                                            path, text.size(), text);
    std::string_view rest = request;
    while (!rest.empty()) {
        const ssize_t count = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno == EPIPE)
            throw_ended();
        if (count < 0)
            base::throw_errno("talk to the supervisor", "");
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

void Client::throw_ended() const {
    const std::string what = "the supervisor of this project ended before it was done";
    const std::string hint = "it is restarted by itself: run the command again; its log says why it ended";
    if (head_read_ || !buffer_.empty())
        throw base::Error(what, hint);
    throw Unanswered(what, hint);
}

bool Client::has_buffered() const {
    return head_read_ && buffer_.find('\n') != std::string::npos;
}

bool Client::fill(std::chrono::milliseconds patience) {
    pollfd ready{socket_.get(), POLLIN, 0};
    const int count = ::poll(&ready, 1, static_cast<int>(patience.count()));
    if (count == 0 || (count < 0 && errno == EINTR))
        return false;
    std::array<char, 65536> data{};
    std::array<char, CMSG_SPACE(sizeof(int) * most_descriptors)> control{};
    iovec space{data.data(), data.size()};
    msghdr message{};
    message.msg_iov = &space;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t received = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
    if (received < 0 && (errno == EINTR || errno == EAGAIN))
        return false;
    if (received <= 0)
        throw_ended();
    for (cmsghdr *header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        const std::size_t fds = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < fds; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof fd);
            descriptors_.emplace_back(fd);
        }
    }
    buffer_.append(data.data(), static_cast<std::size_t>(received));
    if (!head_read_) {
        const std::size_t end = buffer_.find("\r\n\r\n");
        if (end != std::string::npos) {
            head_read_ = true;
            buffer_.erase(0, end + 4);
        }
    }
    return true;
}

std::optional<supervisor::Answer> Client::next(std::chrono::milliseconds patience) {
    while (!has_buffered())
        if (!fill(patience))
            return std::nullopt;
    const std::size_t end = buffer_.find('\n');
    const std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return supervisor::parse_answer(line);
}

std::vector<base::UniqueFd> Client::receive_descriptors() {
    while (descriptors_.empty())
        fill(std::chrono::milliseconds(-1));
    return std::move(descriptors_);
}

} // namespace cli
