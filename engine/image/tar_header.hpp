// The 512-byte block that opens a tar member, and the pax records that may extend it. Pure parsing; numbers
// and names out of range are errors, never wrapped or cut.
#pragma once

#include "engine/image/tar_entry.hpp"

#include <array>
#include <optional>
#include <string_view>

namespace image {

constexpr std::size_t tar_block_size = 512;

using TarBlock = std::array<char, tar_block_size>;

struct TarHeader {
    TarEntry entry;
    char type_flag = '0';
    std::uint64_t stored_size = 0; // bytes that follow, before padding
};

[[nodiscard]] bool is_zero_block(const TarBlock &block);

// @throws base::Error when the checksum or a number is wrong.
[[nodiscard]] TarHeader parse_tar_header(const TarBlock &block);

// Ordered as written, because GNU sparse 0.0 repeats keys. @throws base::Error.
using PaxRecords = std::vector<std::pair<std::string, std::string>>;
[[nodiscard]] PaxRecords parse_pax_records(std::string_view text);

// Lays the records over the header. @throws base::Error.
void apply_pax_records(const PaxRecords &records, TarHeader &header);

// Old GNU sparse map: 24-byte pairs of offset and length; stops at the first empty one.
void append_gnu_segments(std::string_view pairs, std::vector<TarSegment> &segments);
// Octal with leading spaces, or base-256 when the top bit of the first byte is set. nullopt when malformed.
[[nodiscard]] std::optional<std::int64_t> parse_tar_number(std::string_view field);
// Decimal digits only. nullopt when malformed or beyond 2^63-1.
[[nodiscard]] std::optional<std::uint64_t> parse_decimal(std::string_view text);

// The size of the unpacked file that the header of an old GNU sparse member holds, and whether more blocks of
// its map follow.
[[nodiscard]] std::uint64_t gnu_real_size(const TarBlock &block);
[[nodiscard]] bool gnu_map_continues(const TarBlock &block);

} // namespace image
