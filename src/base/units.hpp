// Quantities as types. Text forms follow docker/go-units and Go's time.ParseDuration.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace base {

using Duration = std::chrono::nanoseconds;
// Wall-clock time; RFC 3339 with nanoseconds when written down.
using Timestamp = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

struct Bytes {
    std::int64_t value = 0;
    auto operator<=>(const Bytes &) const = default;
};

// A share of one processor in 1e-9: 1.5 processors are 1'500'000'000.
struct NanoCpus {
    std::int64_t value = 0;
    auto operator<=>(const NanoCpus &) const = default;
};

// "64m", "1.5GiB", "1024": binary multiples, any case. nullopt when it is not a size.
[[nodiscard]] std::optional<Bytes> parse_bytes(std::string_view text);
// "1m30s", "100ms", "1.5h", "2d", "1w"; "0". A bare number other than 0 is nullopt.
[[nodiscard]] std::optional<Duration> parse_duration(std::string_view text);

// "1m30s" as Go prints a time.Duration.
[[nodiscard]] std::string format_duration(Duration duration);
// "78.5MB": decimal multiples with 3-4 digits, as `docker images` shows sizes.
[[nodiscard]] std::string format_size(Bytes bytes);
// "About a minute", "3 hours", "2 weeks": as `docker ps` shows ages (go-units HumanDuration).
[[nodiscard]] std::string format_age(Duration age);

[[nodiscard]] Timestamp now();
[[nodiscard]] std::string format_rfc3339(Timestamp time);
// RFC 3339 with optional fraction and zone. nullopt when malformed.
[[nodiscard]] std::optional<Timestamp> parse_rfc3339(std::string_view text);

} // namespace base
