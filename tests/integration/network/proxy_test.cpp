#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/network/proxy.hpp"
#include "world.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>

#include <sys/socket.h>

#include <array>
#include <ctime>
#include <future>

using namespace world;
using network::Proxy;
using network::PublishedPort;

namespace {

// A proxy on a loop of its own thread, in front of a container that serves on port 80. No DNAT: everything
// goes through the proxy.
class Proxied {
  public:
    explicit Proxied(network::ProxyOptions options = {}) {
        world.net->ensure_network(spec("one"));
        a = start(world, "one", "a");
        server.emplace(a.netns, "a", "0.0.0.0", 80);
        held = network::reserve(world.paths, {PublishedPort{"", 8000, 8000, 80, "tcp"},
                                              PublishedPort{"", 8000, 8000, 80, "udp"}});
        proxy.emplace(io, options);
        proxy->serve("id-of-a", held, a.endpoint.address);
        loop = std::thread([this] { io.run(); });
    }

    ~Proxied() {
        on_loop([this] { proxy.reset(); });
        guard.reset();
        loop.join();
    }

    template <typename Work>
    void on_loop(Work work) {
        std::promise<void> done;
        boost::asio::post(io, [&] {
            work();
            done.set_value();
        });
        done.get_future().wait();
    }

    // Processor time the loop's thread has used.
    std::chrono::nanoseconds busy() {
        timespec used{};
        on_loop([&] { ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used); });
        return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
    }

    World world;
    Container a;
    std::optional<Server> server;
    std::vector<network::HeldPort> held;
    boost::asio::io_context io{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard{io.get_executor()};
    std::optional<Proxy> proxy;
    std::thread loop;
};

} // namespace

TEST_CASE("The proxy serves what DNAT does not catch") {
    Proxied setup;
    const std::string answer = "a " + setup.world.net->find_network("one")->gateway.text();
    for (const auto protocol : {Protocol::tcp, Protocol::udp}) {
        CHECK(ask(setup.world.host, protocol, "::1", 8000) == answer);
        CHECK(ask(setup.world.outside, protocol, "fd99::1", 8000) == answer);
        CHECK(ask(setup.world.host, protocol, "127.0.0.1", 8000) == answer);
        CHECK(ask(setup.world.outside, protocol, "10.99.0.1", 8000) == answer);
    }
}

TEST_CASE("With DNAT in place, [::1] still is the proxy's and IPv4 keeps the client's address") {
    Proxied setup;
    setup.world.net->publish(
        {"id-of-a", "a", "test", "one", setup.a.endpoint.address, {setup.held[0].port, setup.held[1].port}});
    CHECK(ask(setup.world.host, Protocol::tcp, "::1", 8000).has_value());
    CHECK(ask(setup.world.outside, Protocol::tcp, "10.99.0.1", 8000) == "a 10.99.0.2");
}

TEST_CASE("New connections and datagrams follow the target") {
    Proxied setup;
    const auto b = start(setup.world, "one", "b");
    const Server server(b.netns, "b", "0.0.0.0", 80);
    CHECK(ask(setup.world.host, Protocol::udp, "::1", 8000)->starts_with("a"));
    setup.on_loop([&] { setup.proxy->retarget("id-of-a", b.endpoint.address); });
    CHECK(ask(setup.world.host, Protocol::tcp, "::1", 8000)->starts_with("b"));
    CHECK(ask(setup.world.host, Protocol::udp, "::1", 8000)->starts_with("b"));
}

TEST_CASE("A container that does not answer is refused, and a stopped proxy accepts nothing") {
    Proxied setup;
    setup.server.reset();
    CHECK(unreachable(setup.world.host, Protocol::tcp, "::1", 8000));
    CHECK(unreachable(setup.world.host, Protocol::udp, "::1", 8000));
    setup.server.emplace(setup.a.netns, "a", "0.0.0.0", 80);
    CHECK(ask(setup.world.host, Protocol::udp, "::1", 8000).has_value());
    setup.on_loop([&] { setup.proxy->stop("id-of-a"); });
    CHECK(unreachable(setup.world.host, Protocol::tcp, "::1", 8000));
}

TEST_CASE("Sessions of datagrams make room for new ones and expire, and an idle proxy does nothing") {
    network::ProxyOptions options;
    options.udp_idle = std::chrono::seconds(1);
    options.udp_sessions = 2;
    Proxied setup(options);
    const std::size_t before = base::list_dir("/proc/self/fd").size();
    for (int i = 0; i < 20; ++i)
        CHECK(ask(setup.world.host, Protocol::udp, "::1", 8000).has_value());
    CHECK(base::list_dir("/proc/self/fd").size() <= before + 2);

    const auto busy = setup.busy();
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (base::list_dir("/proc/self/fd").size() > before && std::chrono::steady_clock::now() < give_up)
        CHECK(unreachable(setup.world.host, Protocol::udp, "10.99.0.77", 9)); // a pause of its time limit
    CHECK(base::list_dir("/proc/self/fd").size() == before);
    CHECK(setup.busy() - busy < std::chrono::milliseconds(20));
}

TEST_CASE("A large transfer arrives whole, in both directions at once") {
    Proxied setup;
    setup.server.reset();
    auto listener = setup.world.net->open_socket_in(setup.a.netns.get(), network::SocketType::tcp,
                                                    setup.a.endpoint.address.text(), 80);
    std::thread echo([&] {
        pollfd_wait(listener.fd.get());
        const base::UniqueFd client(::accept(listener.fd.get(), nullptr, nullptr));
        std::array<char, 65536> buffer{};
        for (ssize_t size = 0; (size = ::recv(client.get(), buffer.data(), buffer.size(), 0)) > 0;)
            send_all(client.get(), {buffer.data(), static_cast<std::size_t>(size)});
    });
    const base::UniqueFd client = connect_to("::1", 8000);
    const std::string data(8 << 20, 'x');
    std::thread sender([&] {
        send_all(client.get(), data);
        ::shutdown(client.get(), SHUT_WR);
    });
    const std::string back = receive_all(client.get());
    sender.join();
    echo.join();
    CHECK(back == data);
}
