#include "dns/wire.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace dns;

namespace {

Bytes bytes(const std::string &text) {
    return {text.begin(), text.end()};
}

std::string header(const std::string &flags, const std::string &counts) {
    return "\x12\x34" + flags + counts;
}

const std::string one_question("\0\1\0\0\0\0\0\0", 8);
const std::string question_db("\2db\0\0\1\0\1", 8);
const std::string no_flags("\0\0", 2);

Name name(std::string_view text) {
    return *Name::from_text(text);
}

} // namespace

TEST_CASE("a query is read field by field") {
    const auto message = parse_message(bytes(header(std::string("\1\x30", 2), one_question) + question_db));
    REQUIRE(message);
    CHECK(message->header.id == 0x1234);
    CHECK_FALSE(message->header.response);
    CHECK(message->header.recursion_desired);
    CHECK(message->header.authentic_data);
    CHECK(message->header.checking_disabled);
    REQUIRE(message->questions.size() == 1);
    CHECK(message->questions[0] == Question{name("db"), Type::a, Class::in});
    CHECK_FALSE(message->edns);
}

TEST_CASE("what the writer writes is what the parser reads") {
    Header header;
    header.id = 7;
    header.response = true;
    header.recursion_desired = true;
    header.recursion_available = true;
    const Question question{name("Db.Example"), Type::a, Class::in};
    const Bytes address = {10, 0, 0, 1};
    Writer writer(header, 512, Edns{1232, 0, true});
    writer.question(question);
    REQUIRE(writer.answer(Type::a, 70000, address));
    REQUIRE(writer.answer(Type::ptr, 1, encode(name("host"))));
    const Bytes written = writer.finish();

    const auto message = parse_message(written);
    REQUIRE(message);
    CHECK(message->header == header);
    CHECK(message->questions == std::vector<Question>{question});
    REQUIRE(message->answers.size() == 2);
    CHECK(message->answers[0].name == question.name);
    CHECK(message->answers[0].ttl == 70000);
    CHECK(std::equal(address.begin(), address.end(), message->answers[0].data.begin()));
    CHECK(message->answers[1].type == Type::ptr);
    CHECK(message->edns == Edns{1232, 0, true});
}

TEST_CASE("an extended error code travels in OPT") {
    Header header;
    header.response = true;
    header.rcode = Rcode::bad_version;
    Writer writer(header, 512, Edns{512, 0, false});
    const auto message = parse_message(writer.finish());
    REQUIRE(message);
    CHECK(message->header.rcode == Rcode::no_error);
    CHECK(message->rcode == Rcode::bad_version);
}

TEST_CASE("records that do not fit are left out and the answer says so") {
    Writer writer(Header{}, 512, Edns{512, 0, false});
    writer.question({name("db"), Type::a, Class::in});
    const Bytes address = {10, 0, 0, 1};
    int fitting = 0;
    while (writer.answer(Type::a, 1, address))
        ++fitting;
    CHECK(fitting == (512 - 12 - 8 - 11) / 16);
    const Bytes written = writer.finish();
    CHECK(written.size() <= 512);
    const auto message = parse_message(written);
    REQUIRE(message);
    CHECK(message->header.truncated);
    CHECK(message->answers.size() == static_cast<std::size_t>(fitting));
}

TEST_CASE("compressed names are followed") {
    const std::string counts("\0\1\0\1\0\0\0\0", 8);
    const std::string record("\3www\xc0\x0c\0\5\0\1\0\0\0\1\0\2\xc0\x0c", 18);
    const auto message = parse_message(bytes(header(no_flags, counts) + question_db + record));
    REQUIRE(message);
    CHECK(message->answers[0].name == name("www.db"));
    CHECK(message->answers[0].data.size() == 2);
}

TEST_CASE("pointers that lead to themselves, forwards or around are refused") {
    const std::string type_class("\0\1\0\1", 4);
    CHECK_FALSE(parse_message(bytes(header(no_flags, one_question) + "\xc0\x0c" + type_class)));
    CHECK_FALSE(parse_message(bytes(header(no_flags, one_question) + "\xc0\x20" + type_class)));
    CHECK_FALSE(parse_message(bytes(header(no_flags, one_question) + "\1a\xc0\x0c" + type_class)));
    CHECK_FALSE(parse_message(bytes(header(no_flags, one_question) + "\xff\xff" + type_class)));
}

TEST_CASE("malformed messages are refused") {
    const std::string whole = header(no_flags, one_question) + question_db;
    REQUIRE(parse_message(bytes(whole)));
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK_FALSE(parse_message(bytes(whole.substr(0, size))));
    const std::string type_class("\0\1\0\1", 4);
    CHECK_FALSE(parse_message(bytes(header(no_flags, one_question) + std::string("\x40\0", 2) + type_class)));

    std::string long_name; // four labels of 63 bytes are one too many
    for (int i = 0; i < 4; ++i)
        long_name += '?' + std::string(63, 'a');
    long_name += '\0';
    CHECK_FALSE(parse_message(bytes(header(no_flags, one_question) + long_name + type_class)));
}

TEST_CASE("OPT is accepted once, among the additional records, and at the root only") {
    const std::string opt("\0\0\x29\4\xd0\0\0\x80\0\0\0", 11);
    const std::string additional("\0\1\0\0\0\0\0\1", 8);
    const auto message = parse_message(bytes(header(no_flags, additional) + question_db + opt));
    REQUIRE(message);
    CHECK(message->edns == Edns{1232, 0, true});
    CHECK(message->additionals.empty());

    const std::string twice("\0\1\0\0\0\0\0\2", 8);
    CHECK_FALSE(parse_message(bytes(header(no_flags, twice) + question_db + opt + opt)));
    const std::string as_answer("\0\1\0\1\0\0\0\0", 8);
    CHECK_FALSE(parse_message(bytes(header(no_flags, as_answer) + question_db + opt)));
    CHECK_FALSE(parse_message(bytes(header(no_flags, additional) + question_db + "\1a" + opt)));
}

TEST_CASE("a header alone can be read from a broken message") {
    CHECK_FALSE(parse_header(bytes("short")));
    const auto read =
        parse_header(bytes(header(std::string("\x84\x03", 2), std::string("\xff\xff\0\0\0\0\0\0", 8))));
    REQUIRE(read);
    CHECK(read->response);
    CHECK(read->authoritative);
    CHECK(read->rcode == Rcode::no_such_name);
}
