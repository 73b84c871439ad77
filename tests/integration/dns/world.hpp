// A DNS server on its own thread with one listener, an upstream server, and a client.
#pragma once

#include "base/digest.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "dns/server.hpp"
#include "upstream_server.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <filesystem>
#include <functional>
#include <future>
#include <memory>

namespace test {

struct World {
    UpstreamServer upstream;
    std::filesystem::path directory =
        std::filesystem::path("/dev/shm") / ("compose-dns-" + base::random_hex(8));
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = make_work_guard(io);
    std::unique_ptr<dns::Server> server;
    std::uint16_t port = 0;
    std::thread thread;

    World() {
        base::make_dirs(directory);
        write_resolv_conf("nameserver 127.0.0.1\n");
        server = std::make_unique<dns::Server>(io, dns::ServerOptions{resolv_conf(), upstream.port()});
        port = listen("web", view());
        server->update([](dns::Zone &zone) {
            zone.publish({"net", "aaaabbbbcccc", "p-web-1", {"web"}, {*dns::Address::from_text("10.0.0.2")}});
            zone.declare("net", "soon", dns::Standing::expected);
            zone.declare("net", "down", dns::Standing::stopped);
        });
        thread = std::thread([this] { io.run(); });
    }

    ~World() {
        on_loop([this] { server.reset(); });
        work.reset();
        thread.join();
        base::remove_tree(directory);
    }

    [[nodiscard]] std::filesystem::path resolv_conf() const { return directory / "resolv.conf"; }

    void write_resolv_conf(const std::string &text) { base::write_file_atomic(resolv_conf(), text); }

    static dns::View view() {
        dns::View result;
        result.networks = {"net"};
        return result;
    }

    std::uint16_t listen(const std::string &container, dns::View view) const {
        SocketPair pair = bind_pair();
        server->add_listener(container, std::move(view), std::move(pair.udp), std::move(pair.tcp));
        return pair.port;
    }

    void on_loop(const std::function<void()> &action) {
        std::promise<void> done;
        boost::asio::post(io, [&] {
            action();
            done.set_value();
        });
        done.get_future().get();
    }

    [[nodiscard]] dns::Bytes exchange(const dns::Bytes &message) const {
        const base::UniqueFd fd = connected(SOCK_DGRAM, port);
        base::check(send(fd.get(), message.data(), message.size(), 0), "send", "test");
        return receive_datagram(fd.get());
    }

    [[nodiscard]] dns::Bytes exchange_tcp(const dns::Bytes &message) const {
        const base::UniqueFd fd = connected(SOCK_STREAM, port);
        send_framed(fd.get(), message);
        return receive_framed(fd.get());
    }
};

} // namespace test
