// The members of a mapping by key, for code that adds members while it looks for others: as fast for a
// mapping of ten thousand keys as for one of ten.
#pragma once

#include "compose/node.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace compose {

class MemberIndex {
  public:
    // The first member with this key, or nullptr. Always of the same mapping, to which members may have been
    // added at the end since the last call; none may have been removed or renamed.
    template <typename Members>
    [[nodiscard]] auto find(Members &members, std::string_view key) -> decltype(members.data()) {
        const std::size_t position = position_of(members, key);
        return position < members.size() ? &members[position] : nullptr;
    }

  private:
    [[nodiscard]] std::size_t position_of(const std::vector<Member> &members, std::string_view key);
    void catch_up(const std::vector<Member> &members);
    [[nodiscard]] std::uint32_t &slot_of(const std::vector<Member> &members, std::string_view key);

    std::vector<std::uint32_t> slots_; // position + 1, or 0; empty for a small mapping
    std::size_t indexed_ = 0;
};

} // namespace compose
