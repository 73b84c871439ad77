#include "dns/name.hpp"

#include <catch2/catch.hpp>

using dns::Name;

namespace {

Name name(std::string_view text) {
    const auto parsed = Name::from_text(text);
    REQUIRE(parsed);
    return *parsed;
}

} // namespace

TEST_CASE("a name is kept as labels with their lengths") {
    CHECK(name("db.example").wire() == std::string("\2db\7example"));
    CHECK(name("db.example.") == name("db.example"));
    CHECK(name(".") == Name());
    CHECK(name("p_web-1").text() == "p_web-1");
    CHECK(Name().text() == ".");
}

TEST_CASE("names that DNS cannot carry are refused") {
    CHECK_FALSE(Name::from_text(""));
    CHECK_FALSE(Name::from_text("a..b"));
    CHECK_FALSE(Name::from_text(".a"));
    CHECK_FALSE(Name::from_text(std::string(64, 'a')));
    CHECK(Name::from_text(std::string(63, 'a')));

    const std::string sixty_one = std::string(61, 'a');
    const std::string longest = sixty_one + "." + sixty_one + "." + sixty_one + "." + sixty_one + ".bcdef";
    CHECK(name(longest).wire().size() == Name::max_wire_size - 1);
    CHECK_FALSE(Name::from_text(longest + "g"));
}

TEST_CASE("letters are equal in either case, other bytes are not") {
    CHECK(name("DB.Example").lower() == name("db.example"));
    CHECK(name("DB").text() == "DB");
    Name odd;
    REQUIRE(odd.append("\xc4[@"));
    CHECK(odd.lower() == odd);
}

TEST_CASE("bytes that are not text are shown escaped") {
    Name odd;
    REQUIRE(odd.append(std::string_view("a.\\\0\n\xff", 6)));
    CHECK(odd.text() == "a\\.\\\\\\000\\010\\255");
}

TEST_CASE("a suffix is taken off at a label's border only") {
    CHECK(name("db.p_default").without_suffix(name("p_default")) == name("db"));
    CHECK(name("a.b.c.d").without_suffix(name("c.d")) == name("a.b"));
    CHECK_FALSE(name("p_default").without_suffix(name("p_default")));
    CHECK_FALSE(name("db.other").without_suffix(name("p_default")));
    CHECK_FALSE(name("db").without_suffix(Name()));

    Name inside; // ends with the bytes of "\1b", within a label
    REQUIRE(inside.append("xx\1b"));
    CHECK_FALSE(inside.without_suffix(name("b")));
}
