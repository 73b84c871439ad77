#include "world.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace dns;
using namespace test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

Message parsed(const Bytes &bytes) {
    const auto message = parse_message(bytes);
    REQUIRE(message);
    CHECK(message->header.id == client_id);
    CHECK(message->header.response);
    return *message;
}

void require_address(const Bytes &bytes, const std::string &address) {
    const Message message = parsed(bytes);
    CHECK(message.rcode == Rcode::no_error);
    REQUIRE(message.answers.size() == 1);
    const Bytes data(message.answers[0].data.begin(), message.answers[0].data.end());
    const Address expected = *Address::from_text(address);
    CHECK(data == Bytes(expected.bytes().begin(), expected.bytes().end()));
}

} // namespace

TEST_CASE_METHOD(World, "local names are answered over UDP and TCP") {
    require_address(exchange(query("web", Type::a)), "10.0.0.2");
    require_address(exchange_tcp(query("web", Type::a)), "10.0.0.2");
    CHECK(upstream.asked().empty());
}

TEST_CASE_METHOD(World, "a connection carries several questions, and is dropped for what is no question") {
    const base::UniqueFd fd = connected(SOCK_STREAM, port);
    for (const char *name : {"web", "ok.test", "web"})
        send_framed(fd.get(), query(name, Type::a));
    require_address(receive_framed(fd.get()), "10.0.0.2");
    require_address(receive_framed(fd.get()), "192.0.2.1");
    require_address(receive_framed(fd.get()), "10.0.0.2");
    send_framed(fd.get(), Bytes{1, 2, 3});
    CHECK(receive_framed(fd.get()).empty());
}

TEST_CASE_METHOD(World, "hostile datagrams get no answer and do no harm") {
    const base::UniqueFd fd = connected(SOCK_DGRAM, port);
    Bytes response = query("web", Type::a);
    response[2] |= 0x80;
    for (const Bytes &bytes : {Bytes{}, Bytes{1, 2, 3}, Bytes(4000, 0xff), response})
        base::check(send(fd.get(), bytes.data(), bytes.size(), 0), "send", "test");
    const Bytes good = query("web", Type::a);
    base::check(send(fd.get(), good.data(), good.size(), 0), "send", "test");
    require_address(receive_datagram(fd.get()), "10.0.0.2");
}

TEST_CASE_METHOD(World, "a question for a starting service is answered the moment it is published") {
    const base::UniqueFd fd = connected(SOCK_DGRAM, port);
    const Bytes question = query("soon", Type::a);
    const Clock::time_point start = Clock::now();
    base::check(send(fd.get(), question.data(), question.size(), 0), "send", "test");
    const base::UniqueFd tcp = connected(SOCK_STREAM, port);
    send_framed(tcp.get(), question);
    require_address(exchange(query("web", Type::a)), "10.0.0.2"); // others are not kept waiting
    on_loop([this] {
        server->update([](Zone &zone) {
            zone.publish({"net", "ddddeeeeffff", "p-soon-1", {"soon"}, {*Address::from_text("10.0.0.9")}});
        });
    });
    require_address(receive_datagram(fd.get()), "10.0.0.9");
    require_address(receive_framed(tcp.get()), "10.0.0.9");
    CHECK(Clock::now() - start < 900ms);
}

TEST_CASE_METHOD(World, "a service that does not come is no name after a second, one given up at once") {
    const Clock::time_point start = Clock::now();
    CHECK(parsed(exchange(query("soon", Type::a))).rcode == Rcode::no_such_name);
    CHECK(Clock::now() - start >= 1s);
    CHECK(Clock::now() - start < 3s);

    const base::UniqueFd fd = connected(SOCK_DGRAM, port);
    const Bytes question = query("soon", Type::a);
    const Clock::time_point again = Clock::now();
    base::check(send(fd.get(), question.data(), question.size(), 0), "send", "test");
    on_loop([this] { server->update([](Zone &zone) { zone.declare("net", "soon", Standing::stopped); }); });
    CHECK(parsed(receive_datagram(fd.get())).rcode == Rcode::no_such_name);
    CHECK(Clock::now() - again < 900ms);
    CHECK(upstream.asked().empty());
}

TEST_CASE_METHOD(World, "a removed listener's port is free, and a new listener replaces the old one") {
    on_loop([this] { server->remove_listener("web"); });
    const base::UniqueFd udp = bound(SOCK_DGRAM, port);
    const base::UniqueFd tcp = bound(SOCK_STREAM, port);

    on_loop([this] { port = listen("web", view()); });
    const std::uint16_t first = port;
    on_loop([this] { port = listen("web", view()); });
    require_address(exchange(query("web", Type::a)), "10.0.0.2");
    CHECK(bound(SOCK_DGRAM, first).valid());
}

TEST_CASE_METHOD(World, "a removed listener ends its connections") {
    const base::UniqueFd fd = connected(SOCK_STREAM, port);
    send_framed(fd.get(), query("web", Type::a));
    require_address(receive_framed(fd.get()), "10.0.0.2");
    on_loop([this] { server->remove_listener("web"); });
    CHECK(receive_framed(fd.get()).empty());
}

TEST_CASE_METHOD(World, "a changed view holds for the next question") {
    on_loop([this] {
        server->update([](Zone &zone) {
            zone.publish({"other", "ddddeeeeffff", "p-db-1", {"db"}, {*Address::from_text("10.0.1.3")}});
        });
        View both = view();
        both.networks.emplace_back("other");
        both.forward = false;
        server->set_view("web", both);
        server->set_view("nobody", both);
    });
    require_address(exchange(query("db", Type::a)), "10.0.1.3");
    CHECK(parsed(exchange(query("ok.test", Type::a))).rcode == Rcode::server_failure);
    CHECK(upstream.asked().empty());
}
