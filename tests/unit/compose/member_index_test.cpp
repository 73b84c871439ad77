#include "compose/member_index.hpp"

#include <catch2/catch.hpp>

using compose::Member;
using compose::MemberIndex;

namespace {

std::string key(int number) {
    return "key" + std::to_string(number);
}

} // namespace

TEST_CASE("every member is found while members are added, however many there are") {
    MemberIndex index;
    std::vector<Member> members;
    for (int number = 0; number < 1000; ++number) {
        REQUIRE(index.find(members, key(number)) == nullptr);
        members.emplace_back().key = key(number);
        REQUIRE(index.find(members, key(number)) == &members.back());
        REQUIRE(index.find(members, key(0)) == &members.front());
    }
    for (int number = 0; number < 1000; ++number)
        REQUIRE(index.find(members, key(number)) == &members[static_cast<std::size_t>(number)]);
}

TEST_CASE("the first of several members with one key is found") {
    MemberIndex index;
    std::vector<Member> members;
    for (int number = 0; number < 100; ++number)
        members.emplace_back().key = key(number % 50);
    CHECK(index.find(members, key(7)) == &members[7]);
    CHECK(index.find(members, "") == nullptr);
}
