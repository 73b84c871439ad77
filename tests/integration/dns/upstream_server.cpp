#include "upstream_server.hpp"

#include "dns/address.hpp"

#include <poll.h>
#include <unistd.h>

namespace test {

using namespace dns;

UpstreamServer::UpstreamServer() : sockets_(bind_pair()), stop_(base::make_eventfd()) {
    thread_ = std::thread([this] { run(); });
}

UpstreamServer::~UpstreamServer() {
    const std::uint64_t one = 1;
    static_cast<void>(write(stop_.get(), &one, sizeof one));
    thread_.join();
}

std::vector<std::string> UpstreamServer::asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
}

void UpstreamServer::run() {
    while (true) {
        pollfd fds[] = {
            {stop_.get(), POLLIN, 0}, {sockets_.udp.get(), POLLIN, 0}, {sockets_.tcp.get(), POLLIN, 0}};
        poll(fds, 3, -1);
        if (fds[0].revents)
            return;
        if (fds[1].revents)
            serve_datagram();
        if (fds[2].revents)
            serve_stream();
    }
}

void UpstreamServer::serve_datagram() {
    Bytes bytes(4096);
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    const ssize_t got = recvfrom(sockets_.udp.get(), bytes.data(), bytes.size(), 0,
                                 reinterpret_cast<sockaddr *>(&peer), &size);
    if (got < 0)
        return;
    bytes.resize(static_cast<std::size_t>(got));
    if (const auto reply = answer(bytes, false))
        sendto(sockets_.udp.get(), reply->data(), reply->size(), 0, reinterpret_cast<sockaddr *>(&peer),
               size);
}

void UpstreamServer::serve_stream() {
    const base::UniqueFd client(accept4(sockets_.tcp.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (const auto reply = answer(receive_framed(client.get()), true))
        send_framed(client.get(), *reply);
}

std::optional<Bytes> UpstreamServer::answer(ByteView query, bool tcp) {
    const auto message = parse_message(query);
    if (!message || message->questions.size() != 1)
        return std::nullopt;
    const Question &question = message->questions[0];
    const std::string name = question.name.text();
    {
        const std::lock_guard lock(mutex_);
        asked_.push_back(name);
    }
    const std::string kind = name.substr(0, name.find('.'));
    if (kind == "silent")
        return std::nullopt;
    if (kind == "slow") {
        pollfd stop{stop_.get(), POLLIN, 0};
        poll(&stop, 1, 300);
    }

    Header header = message->header;
    header.response = true;
    header.recursion_available = true;
    header.truncated = kind == "big" && !tcp;
    header.rcode = kind == "nx"     ? Rcode::no_such_name
                   : kind == "fail" ? Rcode::server_failure
                                    : Rcode::no_error;
    Writer writer(header, 65535, message->edns);
    writer.question(question);
    if (kind == "ok" || kind == "slow")
        writer.answer(question.type, 300, Address::from_text("192.0.2.1")->bytes());
    if (kind == "big" && tcp)
        writer.answer(question.type, 300, Bytes(2000, 'x'));
    return writer.finish();
}

} // namespace test
