#include "dns/upstream.hpp"

#include "base/file.hpp"
#include "dns/ares_channel.hpp"
#include "dns/resolv_conf.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/stat.h>

namespace dns {

namespace {

constexpr std::size_t max_under_way = 1024; // of a channel; beyond it questions fail at once

base::Task<std::optional<Bytes>> send(std::shared_ptr<AresChannel> channel, Bytes query) {
    auto start = [&](auto handler) {
        // Shared, because std::function copies; posted, because c-ares calls back from within itself.
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        channel->send(std::move(query), [shared](std::optional<Bytes> answer) {
            const auto executor = boost::asio::get_associated_executor(*shared);
            boost::asio::post(executor, [shared, answer = std::move(answer)]() mutable {
                std::move (*shared)(std::move(answer));
            });
        });
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                                   void(std::optional<Bytes>)>(start,
                                                                               boost::asio::use_awaitable);
}

} // namespace

Upstream::Upstream(boost::asio::io_context &io, std::filesystem::path resolv_conf, std::uint16_t port)
    : io_(io), resolv_conf_(std::move(resolv_conf)), port_(port) {}

Upstream::~Upstream() = default;

base::Task<std::optional<Bytes>> Upstream::ask(std::vector<ServerAddress> servers, Bytes query, bool edns) {
    const std::shared_ptr<AresChannel> asked = channel(servers.empty() ? host_servers() : servers, edns);
    if (asked->under_way() >= max_under_way)
        co_return std::nullopt;
    co_return co_await send(asked, std::move(query));
}

std::vector<ServerAddress> Upstream::host_servers() {
    struct stat status {};

    FileVersion version;
    if (stat(resolv_conf_.c_str(), &status) == 0)
        version = {status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ino};
    if (host_servers_.empty() || version != version_) {
        version_ = version;
        host_servers_ = parse_resolv_conf(base::read_file_if(resolv_conf_).value_or(""));
        for (ServerAddress &server : host_servers_)
            server.port = port_;
        channels_.clear(); // what is under way keeps its channel
    }
    return host_servers_;
}

std::shared_ptr<AresChannel> Upstream::channel(const std::vector<ServerAddress> &servers, bool edns) {
    auto &channel = channels_[{servers, edns}];
    if (!channel)
        channel = std::make_shared<AresChannel>(io_, servers, edns);
    return channel;
}

} // namespace dns
