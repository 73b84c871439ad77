#include "world.hpp"

#include <catch2/catch.hpp>

#include <chrono>

using namespace dns;
using namespace test;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

constexpr auto text_type = static_cast<Type>(16);

Message parsed(const Bytes &bytes) {
    const auto message = parse_message(bytes);
    REQUIRE(message);
    CHECK(message->header.id == client_id);
    return *message;
}

Rcode rcode(const Bytes &bytes) {
    return parsed(bytes).rcode;
}

} // namespace

TEST_CASE_METHOD(World, "foreign names go upstream and the answer comes back as it is") {
    const Message message = parsed(exchange(query("ok.test", Type::a)));
    CHECK(message.rcode == Rcode::no_error);
    REQUIRE(message.answers.size() == 1);
    CHECK(message.answers[0].ttl == 300);
    CHECK(rcode(exchange(query("nx.test", Type::a))) == Rcode::no_such_name);
    CHECK(rcode(exchange_tcp(query("nx.test", static_cast<Type>(15)))) == Rcode::no_such_name);
}

TEST_CASE_METHOD(World, "names of the project never go upstream") {
    for (const char *name : {"web", "down", "WEB.net", "down.net"})
        static_cast<void>(exchange(query(name, Type::aaaa)));
    CHECK(upstream.asked().empty());
}

TEST_CASE_METHOD(World, "GAP-06: a long upstream answer is fetched over TCP and given over TCP") {
    const Message over_udp = parsed(exchange(query("big.test", text_type)));
    CHECK(over_udp.header.truncated);
    CHECK(over_udp.answers.empty());
    const Message over_tcp = parsed(exchange_tcp(query("big.test", text_type)));
    CHECK_FALSE(over_tcp.header.truncated);
    REQUIRE(over_tcp.answers.size() == 1);
    CHECK(over_tcp.answers[0].data.size() == 2000);
    const Message with_edns = parsed(exchange(query("big.test", text_type, Edns{4096, 0, false})));
    CHECK(with_edns.answers.size() == 1);
    CHECK(with_edns.edns);
}

TEST_CASE_METHOD(World, "GAP-06: with no server listening, the failure comes at once") {
    write_resolv_conf("nameserver 127.0.0.2\n");
    const Clock::time_point start = Clock::now();
    CHECK(rcode(exchange(query("ok.test", Type::a))) == Rcode::server_failure);
    CHECK(Clock::now() - start < 500ms);
    CHECK(upstream.asked().empty());
}

TEST_CASE_METHOD(World, "the next server is asked when one is dead") {
    write_resolv_conf("nameserver 127.0.0.2\nnameserver 127.0.0.1\n");
    CHECK(parsed(exchange(query("ok.test", Type::a))).answers.size() == 1);
}

TEST_CASE_METHOD(World, "a silent server is a failure before the C library gives up") {
    const Clock::time_point start = Clock::now();
    CHECK(rcode(exchange(query("silent.test", Type::a))) == Rcode::server_failure);
    CHECK(Clock::now() - start < 5s);
    CHECK(upstream.asked().size() == 2);
}

TEST_CASE_METHOD(World, "a failing server is a failure at once") {
    const Clock::time_point start = Clock::now();
    CHECK(rcode(exchange(query("fail.test", Type::a))) == Rcode::server_failure);
    CHECK(Clock::now() - start < 500ms);
}

TEST_CASE_METHOD(World, "a slow upstream keeps nobody else waiting") {
    const base::UniqueFd slow = connected(SOCK_DGRAM, port);
    const Bytes question = query("slow.test", Type::a);
    base::check(send(slow.get(), question.data(), question.size(), 0), "send", "test");
    const Clock::time_point start = Clock::now();
    for (int i = 0; i < 100; ++i)
        CHECK(rcode(exchange(query("web", Type::a))) == Rcode::no_error);
    CHECK(Clock::now() - start < 300ms);
    CHECK(parsed(receive_datagram(slow.get())).answers.size() == 1);
}

TEST_CASE_METHOD(World, "many questions are under way together, each gets its own answer") {
    constexpr int count = 200;
    std::vector<base::UniqueFd> clients;
    for (int i = 0; i < count; ++i) {
        clients.push_back(connected(SOCK_DGRAM, port));
        const Bytes question = query("ok.n" + std::to_string(i), Type::a);
        base::check(send(clients.back().get(), question.data(), question.size(), 0), "send", "test");
    }
    for (int i = 0; i < count; ++i) {
        const Message message = parsed(receive_datagram(clients[static_cast<std::size_t>(i)].get()));
        CHECK(message.questions.at(0).name.text() == "ok.n" + std::to_string(i));
        CHECK(message.answers.size() == 1);
    }
}

TEST_CASE_METHOD(World, "a changed resolv.conf holds for the next question") {
    write_resolv_conf("nameserver 127.0.0.2\n");
    CHECK(rcode(exchange(query("ok.test", Type::a))) == Rcode::server_failure);
    write_resolv_conf("nameserver 127.0.0.1\n");
    CHECK(rcode(exchange(query("ok.test", Type::a))) == Rcode::no_error);
}

TEST_CASE_METHOD(World, "a container's own servers are asked instead of the host's") {
    UpstreamServer own;
    on_loop([&] {
        View mine = view();
        mine.servers = {{*Address::from_text("127.0.0.1"), own.port()}};
        server->set_view("web", mine);
    });
    CHECK(rcode(exchange(query("ok.test", Type::a))) == Rcode::no_error);
    CHECK(upstream.asked().empty());
}

TEST_CASE_METHOD(World, "a container that goes leaves its questions without harm") {
    const base::UniqueFd fd = connected(SOCK_DGRAM, port);
    for (const char *name : {"silent.test", "slow.test", "soon"}) {
        const Bytes question = query(name, Type::a);
        base::check(send(fd.get(), question.data(), question.size(), 0), "send", "test");
    }
    const base::UniqueFd tcp = connected(SOCK_STREAM, port);
    send_framed(tcp.get(), query("slow.test", Type::a));
    on_loop([this] { server->remove_listener("web"); });
    on_loop([this] { port = listen("other", view()); });
    CHECK(rcode(exchange(query("slow.test", Type::a))) == Rcode::no_error);
}
