#include "compose/member_index.hpp"

#include <algorithm>
#include <functional>

namespace compose {

namespace {

// Up to here comparing all keys is faster than hashing one.
constexpr std::size_t small = 16;

} // namespace

std::size_t MemberIndex::position_of(const std::vector<Member> &members, std::string_view key) {
    if (members.size() <= small) {
        const auto found = std::find_if(members.begin(), members.end(),
                                        [&](const Member &member) { return member.key == key; });
        return static_cast<std::size_t>(found - members.begin());
    }
    catch_up(members);
    const std::uint32_t slot = slot_of(members, key);
    return slot == 0 ? members.size() : slot - 1;
}

void MemberIndex::catch_up(const std::vector<Member> &members) {
    if (slots_.size() < 2 * members.size()) {
        slots_.assign(4 * members.size(), 0);
        indexed_ = 0;
    }
    for (; indexed_ < members.size(); ++indexed_)
        if (std::uint32_t &slot = slot_of(members, members[indexed_].key); slot == 0)
            slot = static_cast<std::uint32_t>(indexed_ + 1);
}

// Where the key is, or the free slot where it belongs.
std::uint32_t &MemberIndex::slot_of(const std::vector<Member> &members, std::string_view key) {
    std::size_t at = std::hash<std::string_view>{}(key) % slots_.size();
    while (slots_[at] != 0 && members[slots_[at] - 1].key != key)
        at = at + 1 == slots_.size() ? 0 : at + 1;
    return slots_[at];
}

} // namespace compose
