#include "dns/resolver.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace dns;

namespace {

const std::string web_id = "aaaabbbbcccc" + std::string(52, '1');

Bytes query(std::string_view name, Type type, std::optional<Edns> edns = {}, Class klass = Class::in) {
    Header header;
    header.id = 0x4242;
    header.recursion_desired = true;
    Writer writer(header, 512, edns);
    writer.question({*Name::from_text(name), type, klass});
    return writer.finish();
}

struct Reply {
    Bytes bytes;
    Message message;
};

struct Fixture {
    Zone zone;
    View view;

    Fixture() {
        view.networks = {"p_default"};
        view.links = {{"database", "db"}};
        zone.publish({"p_default", web_id, "p-web-1", {"web"}, {*Address::from_text("10.0.1.2")}});
        for (int i = 0; i < 50; ++i) {
            const std::string number = std::to_string(i);
            zone.publish({"p_default",
                          "db" + number,
                          "p-db-" + number,
                          {"db"},
                          {*Address::from_text("10.0.2." + number)}});
        }
        zone.declare("p_default", "down", Standing::stopped);
        zone.declare("p_default", "soon", Standing::expected);
    }

    Reply answer(const Bytes &bytes, Transport transport = Transport::udp) {
        const Outcome outcome = resolve(zone, view, bytes, transport);
        REQUIRE(std::holds_alternative<Answered>(outcome));
        Reply reply{std::get<Answered>(outcome).message, {}};
        const auto message = parse_message(reply.bytes);
        REQUIRE(message);
        CHECK(message->header.id == 0x4242);
        CHECK(message->header.response);
        reply.message = *message;
        return reply;
    }
};

} // namespace

TEST_CASE_METHOD(Fixture, "a local name is answered with the question in the client's writing") {
    const Reply reply = answer(query("WeB", Type::a));
    CHECK(reply.message.rcode == Rcode::no_error);
    CHECK(reply.message.header.recursion_available);
    CHECK(reply.message.questions[0].name.text() == "WeB");
    REQUIRE(reply.message.answers.size() == 1);
    CHECK(reply.message.answers[0].ttl == 1);
    CHECK(Bytes(reply.message.answers[0].data.begin(), reply.message.answers[0].data.end())
          == Bytes{10, 0, 1, 2});
    CHECK_FALSE(reply.message.edns);
}

TEST_CASE_METHOD(Fixture, "GAP-06: another type of a known name has no data, which is no error") {
    for (const Type type : {Type::aaaa, static_cast<Type>(15), static_cast<Type>(65), Type::ptr}) {
        const Reply reply = answer(query("web", type));
        CHECK(reply.message.rcode == Rcode::no_error);
        CHECK(reply.message.answers.empty());
    }
    CHECK(answer(query("web", Type::any)).message.answers.size() == 1);
}

TEST_CASE_METHOD(Fixture, "an address of ours is answered with its container") {
    const Reply reply = answer(query("2.1.0.10.in-addr.arpa", Type::ptr));
    REQUIRE(reply.message.answers.size() == 1);
    CHECK(Bytes(reply.message.answers[0].data.begin(), reply.message.answers[0].data.end())
          == encode(*Name::from_text("p-web-1.p_default")));
    CHECK(std::holds_alternative<Forwarded>(
        resolve(zone, view, query("9.9.9.9.in-addr.arpa", Type::ptr), Transport::udp)));
}

TEST_CASE_METHOD(Fixture, "many replicas are cut for UDP as the client's size allows, never for TCP") {
    const Reply small = answer(query("db", Type::a));
    CHECK(small.message.header.truncated);
    CHECK(small.bytes.size() <= 512);
    CHECK(small.message.answers.size() == 30);
    const Reply large = answer(query("db", Type::a, Edns{1232, 0, false}));
    CHECK_FALSE(large.message.header.truncated);
    CHECK(large.message.answers.size() == 50);
    CHECK(large.message.edns);
    CHECK(answer(query("db", Type::a, Edns{100, 0, false})).bytes.size() > 400);
    CHECK(answer(query("db", Type::a), Transport::tcp).message.answers.size() == 50);
}

TEST_CASE_METHOD(Fixture, "a link's alias stands for the name it links to") {
    CHECK(answer(query("DataBase", Type::a), Transport::tcp).message.answers.size() == 50);
}

TEST_CASE_METHOD(Fixture,
                 "GAP-06: a service that does not run has no name, and is never asked for upstream") {
    CHECK(answer(query("down", Type::a)).message.rcode == Rcode::no_such_name);
    CHECK(answer(query("down", Type::aaaa)).message.rcode == Rcode::no_such_name);
}

TEST_CASE_METHOD(Fixture, "a service being started is waited for until it is published") {
    const Outcome outcome = resolve(zone, view, query("soon", Type::a), Transport::udp);
    REQUIRE(std::holds_alternative<Held>(outcome));
    const Pending pending = std::get<Held>(outcome).pending;
    CHECK(std::holds_alternative<Held>(resolve_held(zone, view, pending, false)));

    zone.publish({"p_default", "x", "p-soon-1", {"soon"}, {*Address::from_text("10.0.1.7")}});
    const Outcome later = resolve_held(zone, view, pending, false);
    REQUIRE(std::holds_alternative<Answered>(later));
    CHECK(parse_message(std::get<Answered>(later).message)->answers.size() == 1);
}

TEST_CASE_METHOD(Fixture, "a service that is not there at the limit has no name") {
    const Outcome outcome = resolve(zone, view, query("soon", Type::a), Transport::udp);
    const Outcome last = resolve_held(zone, view, std::get<Held>(outcome).pending, true);
    REQUIRE(std::holds_alternative<Answered>(last));
    CHECK(parse_message(std::get<Answered>(last).message)->rcode == Rcode::no_such_name);
}

TEST_CASE_METHOD(Fixture, "what is not ours is forwarded as a clean question") {
    const Bytes original = query("Example.COM", static_cast<Type>(15), Edns{4096, 0, true});
    const Outcome outcome = resolve(zone, view, original, Transport::udp);
    REQUIRE(std::holds_alternative<Forwarded>(outcome));
    const auto sent = parse_message(std::get<Forwarded>(outcome).query);
    REQUIRE(sent);
    CHECK(sent->header.id == 0);
    CHECK(sent->header.recursion_desired);
    CHECK(sent->questions[0] == Question{*Name::from_text("Example.COM"), static_cast<Type>(15), Class::in});
    CHECK(sent->edns == Edns{1232, 0, true});
}

TEST_CASE_METHOD(Fixture, "without a way out, a foreign name fails at once") {
    view.forward = false;
    CHECK(answer(query("example.com", Type::a)).message.rcode == Rcode::server_failure);
    CHECK(answer(query("web", Type::a)).message.answers.size() == 1);
}

TEST_CASE_METHOD(Fixture, "an upstream answer reaches the client under its id, or cut to the header") {
    const Outcome outcome = resolve(zone, view, query("example.com", Type::a), Transport::udp);
    const Pending pending = std::get<Forwarded>(outcome).pending;

    Header header;
    header.id = 99;
    header.response = true;
    Writer writer(header, 2000, std::nullopt);
    writer.question(pending.question);
    const Bytes text(300, 'x');
    REQUIRE(writer.answer(static_cast<Type>(16), 5, text));
    Writer longer = writer;
    REQUIRE(longer.answer(static_cast<Type>(16), 5, text));

    Bytes expected = writer.finish();
    set_id(expected, 0x4242);
    Bytes answer = expected;
    set_id(answer, 99);
    CHECK(relay(pending, answer) == expected);

    const auto cut = parse_message(relay(pending, longer.finish()));
    REQUIRE(cut);
    CHECK(cut->header.truncated);
    CHECK(cut->answers.empty());
    CHECK(cut->questions.size() == 1);

    CHECK(parse_message(relay(pending, Bytes{1, 2, 3}))->rcode == Rcode::server_failure);
    CHECK(parse_message(relay(pending, query("example.com", Type::a)))->rcode == Rcode::server_failure);
}

TEST_CASE_METHOD(Fixture, "what is no query is ignored, what is no good query is refused") {
    CHECK(std::holds_alternative<Ignored>(resolve(zone, view, Bytes{1, 2, 3}, Transport::udp)));
    Bytes response = query("web", Type::a);
    response[2] |= 0x80;
    CHECK(std::holds_alternative<Ignored>(resolve(zone, view, response, Transport::udp)));

    Bytes update = query("web", Type::a);
    update[2] |= 5 << 3;
    CHECK(answer(update).message.rcode == Rcode::not_implemented);
    Bytes cut = query("web", Type::a);
    cut.pop_back();
    CHECK(answer(cut).message.rcode == Rcode::format_error);
    Bytes no_question = query("web", Type::a);
    no_question[5] = 0;
    CHECK(answer(no_question).message.rcode == Rcode::format_error);
    CHECK(answer(query("web", Type::a, Edns{512, 1, false})).message.rcode == Rcode::bad_version);
    CHECK(answer(query("version.bind", Type::a, {}, static_cast<Class>(3))).message.rcode == Rcode::refused);
    CHECK(answer(query("example.com", Type::axfr)).message.rcode == Rcode::refused);
}
