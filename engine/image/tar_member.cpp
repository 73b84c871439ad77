#include "engine/image/tar_member.hpp"

#include "engine/image/tar_header.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

namespace image {

namespace {

constexpr std::uint64_t largest_id = 07777777;          // 7 octal digits
constexpr std::uint64_t largest_size = 077777777777ULL; // 11 octal digits
constexpr std::size_t longest_name = 100;

void put_text(TarBlock &block, std::size_t offset, std::size_t room, std::string_view text) {
    text.substr(0, room).copy(block.data() + offset, room);
}

void put_octal(TarBlock &block, std::size_t offset, int digits, std::uint64_t value) {
    char text[24];
    std::snprintf(text, sizeof text, "%0*llo", digits, static_cast<unsigned long long>(value));
    put_text(block, offset, static_cast<std::size_t>(digits), text);
}

void put_checksum(TarBlock &block) {
    std::fill_n(block.begin() + 148, 8, ' ');
    unsigned sum = 0;
    for (const char c : block)
        sum += static_cast<unsigned char>(c);
    put_octal(block, 148, 6, sum);
    block[154] = '\0';
}

char type_flag(TarType type) {
    switch (type) {
    case TarType::hard_link:
        return '1';
    case TarType::symlink:
        return '2';
    case TarType::char_device:
        return '3';
    case TarType::block_device:
        return '4';
    case TarType::directory:
        return '5';
    case TarType::fifo:
        return '6';
    default:
        return '0';
    }
}

bool fits(std::string_view name) {
    return name.size() <= longest_name
           && std::all_of(name.begin(), name.end(), [](char c) { return c > 0 && c < 127; });
}

// "LENGTH KEY=VALUE\n", where the length counts itself.
void add_record(std::string &records, const std::string &key, std::string_view value) {
    const std::size_t rest = key.size() + value.size() + 3;
    std::size_t length = rest + std::to_string(rest).size();
    length = rest + std::to_string(length).size();
    records += std::to_string(length) + " " + key + "=";
    records += value;
    records += '\n';
}

std::string time_text(const timespec &time) {
    // Before 1970 the fraction counts towards zero in this notation.
    std::int64_t seconds = time.tv_sec;
    std::int64_t fraction = time.tv_nsec;
    const bool negative = seconds < 0;
    if (negative && fraction > 0) {
        ++seconds;
        fraction = 1'000'000'000 - fraction;
    }
    char digits[16];
    std::snprintf(digits, sizeof digits, "%09lld", static_cast<long long>(fraction));
    std::string text = (negative && seconds == 0 ? "-" : "") + std::to_string(seconds);
    std::string_view shown = digits;
    while (shown.ends_with('0'))
        shown.remove_suffix(1);
    return shown.empty() ? text : text + "." + std::string(shown);
}

std::string pax_records(const TarEntry &entry) {
    std::string records;
    if (!fits(entry.name))
        add_record(records, "path", entry.name);
    if (!fits(entry.link))
        add_record(records, "linkpath", entry.link);
    if (entry.size > largest_size)
        add_record(records, "size", std::to_string(entry.size));
    if (entry.uid > largest_id)
        add_record(records, "uid", std::to_string(entry.uid));
    if (entry.gid > largest_id)
        add_record(records, "gid", std::to_string(entry.gid));
    const bool plain_time = entry.mtime.tv_nsec == 0 && entry.mtime.tv_sec >= 0
                            && static_cast<std::uint64_t>(entry.mtime.tv_sec) <= largest_size;
    if (!plain_time)
        add_record(records, "mtime", time_text(entry.mtime));
    for (const auto &[name, value] : entry.xattrs)
        add_record(records, "SCHILY.xattr." + name, value);
    return records;
}

TarBlock header(std::string_view name, char type, std::uint64_t size, unsigned mode) {
    TarBlock block{};
    put_text(block, 0, longest_name, name);
    put_octal(block, 100, 7, mode);
    put_octal(block, 108, 7, 0);
    put_octal(block, 116, 7, 0);
    put_octal(block, 124, 11, size <= largest_size ? size : 0);
    put_octal(block, 136, 11, 0);
    block[156] = type;
    put_text(block, 257, 8, std::string_view("ustar\00000", 8));
    return block;
}

void append(std::string &out, TarBlock block) {
    put_checksum(block);
    out.append(block.data(), block.size());
}

} // namespace

std::string tar_member_header(const TarEntry &entry) {
    std::string out;
    const std::string records = pax_records(entry);
    if (!records.empty()) {
        const std::string_view name = entry.name;
        append(out, header("PaxHeaders.0/" + std::string(name.substr(name.rfind('/') + 1)), 'x',
                           records.size(), 0644));
        out += records + tar_padding(records.size());
    }
    TarBlock block = header(entry.name, type_flag(entry.type), entry.size, entry.mode);
    put_octal(block, 108, 7, std::min<std::uint64_t>(entry.uid, largest_id));
    put_octal(block, 116, 7, std::min<std::uint64_t>(entry.gid, largest_id));
    put_octal(block, 136, 11,
              std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max<time_t>(entry.mtime.tv_sec, 0)),
                                      largest_size));
    put_text(block, 157, longest_name, entry.link);
    if (entry.type == TarType::char_device || entry.type == TarType::block_device) {
        put_octal(block, 329, 7, entry.device_major);
        put_octal(block, 337, 7, entry.device_minor);
    }
    append(out, block);
    return out;
}

std::string tar_padding(std::uint64_t size) {
    return std::string((tar_block_size - size % tar_block_size) % tar_block_size, '\0');
}

std::string tar_end() {
    return std::string(2 * tar_block_size, '\0');
}

} // namespace image
