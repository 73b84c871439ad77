// Sets of Linux capabilities, and Docker's rules for choosing one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace container {

class CapabilitySet {
  public:
    constexpr CapabilitySet() = default;

    constexpr explicit CapabilitySet(std::uint64_t bits) : bits_(bits) {}

    // Bit N is capability N of linux/capability.h.
    [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }

    [[nodiscard]] constexpr bool has(int capability) const { return (bits_ >> capability & 1) != 0; }

    constexpr void add(int capability) { bits_ |= std::uint64_t{1} << capability; }

    constexpr void remove(int capability) { bits_ &= ~(std::uint64_t{1} << capability); }

    [[nodiscard]] constexpr CapabilitySet operator&(CapabilitySet other) const {
        return CapabilitySet(bits_ & other.bits_);
    }

    constexpr bool operator==(const CapabilitySet &) const = default;

    // "CAP_CHOWN", ... in the kernel's order.
    [[nodiscard]] std::vector<std::string> names() const;

  private:
    std::uint64_t bits_ = 0;
};

// Accepts "NET_ADMIN", "CAP_NET_ADMIN", any case. nullopt when it is no capability.
[[nodiscard]] std::optional<int> find_capability(std::string_view name);

// The 14 every container of Docker has.
[[nodiscard]] CapabilitySet default_capabilities();
// All that this version knows (CAP_CHOWN to CAP_CHECKPOINT_RESTORE).
[[nodiscard]] CapabilitySet all_capabilities();
// The bounding set of this process: more cannot be given to anybody.
[[nodiscard]] CapabilitySet available_capabilities();

struct CapabilityRequest {
    std::vector<std::string> add; // names or ALL
    std::vector<std::string> drop;
    bool privileged = false;
};

// Docker's rules, bounded by `available`. A capability asked for by name that is not available adds a
// sentence to `warnings`; the default and ALL are cut silently.
// @throws base::Error for an unknown name, with the nearest known one as hint.
[[nodiscard]] CapabilitySet resolve_capabilities(const CapabilityRequest &request, CapabilitySet available,
                                                 std::vector<std::string> &warnings);

} // namespace container
