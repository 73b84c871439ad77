#include "engine/image/tar_header.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

namespace image {

namespace {

[[noreturn]] void malformed(const std::string &why) {
    throw base::Error("malformed tar header: " + why);
}

std::string_view field(const TarBlock &block, std::size_t offset, std::size_t size) {
    return {block.data() + offset, size};
}

// A field ends at its first NUL or fills its space.
std::string text_field(const TarBlock &block, std::size_t offset, std::size_t size) {
    const std::string_view text = field(block, offset, size);
    return std::string(text.substr(0, text.find('\0')));
}

std::int64_t number_field(const TarBlock &block, std::size_t offset, std::size_t size, const char *what) {
    const auto number = parse_tar_number(field(block, offset, size));
    if (!number)
        malformed(std::string(what) + " is not a number");
    return *number;
}

template <typename T>
T bounded(std::int64_t value, const char *what) {
    if (value < 0 || static_cast<std::uint64_t>(value) > std::numeric_limits<T>::max())
        malformed(std::string(what) + " is out of range");
    return static_cast<T>(value);
}

void check_sum(const TarBlock &block) {
    std::int64_t as_unsigned = 0;
    std::int64_t as_signed = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
        const char c = i >= 148 && i < 156 ? ' ' : block[i];
        as_unsigned += static_cast<unsigned char>(c);
        as_signed += static_cast<signed char>(c);
    }
    const std::int64_t stored = number_field(block, 148, 8, "the checksum");
    if (stored != as_unsigned && stored != as_signed)
        malformed("the checksum is wrong");
}

TarType type_of(char flag, const std::string &name) {
    switch (flag) {
    case '1':
        return TarType::hard_link;
    case '2':
        return TarType::symlink;
    case '3':
        return TarType::char_device;
    case '4':
        return TarType::block_device;
    case '5':
        return TarType::directory;
    case '6':
        return TarType::fifo;
    case '\0': // before POSIX a directory was a file with a slash
        return name.ends_with('/') ? TarType::directory : TarType::file;
    default:
        return TarType::file;
    }
}

timespec parse_pax_time(const std::string &text) {
    std::string_view rest = text;
    const bool negative = rest.starts_with('-');
    if (negative)
        rest.remove_prefix(1);
    const auto dot = rest.find('.');
    const auto seconds = parse_decimal(rest.substr(0, dot));
    std::string fraction(dot == std::string_view::npos ? "0" : rest.substr(dot + 1, 9));
    fraction.resize(9, '0');
    const auto nanoseconds = parse_decimal(fraction);
    if (!seconds || !nanoseconds)
        malformed("the time \"" + text + "\" is not a number");
    timespec time{};
    time.tv_sec = static_cast<time_t>(*seconds);
    time.tv_nsec = static_cast<long>(*nanoseconds);
    if (negative) {
        time.tv_sec = -time.tv_sec;
        if (time.tv_nsec > 0) {
            time.tv_sec -= 1;
            time.tv_nsec = 1'000'000'000 - time.tv_nsec;
        }
    }
    return time;
}

std::string name_value(const std::string &value) {
    if (value.find('\0') != std::string::npos)
        malformed("a name holds a NUL");
    return value;
}

std::uint64_t number_value(const std::string &key, const std::string &value) {
    const auto number = parse_decimal(value);
    if (!number)
        malformed(key + " is not a number");
    return *number;
}

} // namespace

std::optional<std::uint64_t> parse_decimal(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0)
        return std::nullopt;
    return static_cast<std::uint64_t>(value);
}

std::optional<std::int64_t> parse_tar_number(std::string_view text) {
    if (!text.empty() && (static_cast<unsigned char>(text[0]) & 0x80) != 0) {
        const bool negative = (static_cast<unsigned char>(text[0]) & 0x40) != 0;
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            auto byte = static_cast<unsigned char>(text[i]);
            if (negative)
                byte = static_cast<unsigned char>(~byte);
            if (i == 0)
                byte &= 0x3f;
            if ((value >> 55) != 0)
                return std::nullopt;
            value = (value << 8) | byte;
        }
        return negative ? -static_cast<std::int64_t>(value) - 1 : static_cast<std::int64_t>(value);
    }
    while (!text.empty() && (text.front() == ' ' || text.front() == '\0'))
        text.remove_prefix(1);
    text = text.substr(0, text.find_first_of(std::string_view(" \0", 2)));
    std::int64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '7' || (value >> 59) != 0)
            return std::nullopt;
        value = value * 8 + (c - '0');
    }
    return value;
}

bool is_zero_block(const TarBlock &block) {
    return std::all_of(block.begin(), block.end(), [](char c) { return c == '\0'; });
}

TarHeader parse_tar_header(const TarBlock &block) {
    check_sum(block);
    TarHeader header;
    TarEntry &entry = header.entry;
    header.type_flag = block[156];
    entry.name = text_field(block, 0, 100);
    entry.link = text_field(block, 157, 100);
    entry.mode = static_cast<mode_t>(number_field(block, 100, 8, "the mode") & 07777);
    entry.uid = bounded<uid_t>(number_field(block, 108, 8, "the user id"), "the user id");
    entry.gid = bounded<gid_t>(number_field(block, 116, 8, "the group id"), "the group id");
    header.stored_size = bounded<std::uint64_t>(number_field(block, 124, 12, "the size"), "the size");
    entry.mtime.tv_sec = number_field(block, 136, 12, "the time");

    const std::string_view magic = field(block, 257, 8);
    const bool posix = magic == std::string_view("ustar\00000", 8);
    const bool gnu = magic == std::string_view("ustar  \0", 8);
    if (posix) {
        const std::string prefix = text_field(block, 345, 155);
        if (!prefix.empty())
            entry.name = prefix + "/" + entry.name;
    }
    entry.type = type_of(header.type_flag, entry.name);
    if ((posix || gnu) && (entry.type == TarType::char_device || entry.type == TarType::block_device)) {
        entry.device_major = bounded<unsigned>(number_field(block, 329, 8, "the device"), "the device");
        entry.device_minor = bounded<unsigned>(number_field(block, 337, 8, "the device"), "the device");
    }
    return header;
}

PaxRecords parse_pax_records(std::string_view text) {
    PaxRecords records;
    while (!text.empty()) {
        const auto space = text.find(' ');
        const auto length = parse_decimal(text.substr(0, space));
        if (space == std::string_view::npos || !length || *length < space + 3 || *length > text.size()
            || text[*length - 1] != '\n')
            malformed("a pax record has a wrong length");
        const std::string_view record = text.substr(space + 1, *length - space - 2);
        const auto equals = record.find('=');
        if (equals == std::string_view::npos || equals == 0)
            malformed("a pax record has no keyword");
        records.emplace_back(record.substr(0, equals), record.substr(equals + 1));
        text.remove_prefix(*length);
    }
    return records;
}

void apply_pax_records(const PaxRecords &records, TarHeader &header) {
    constexpr std::string_view xattr_prefix = "SCHILY.xattr.";
    TarEntry &entry = header.entry;
    for (const auto &[key, value] : records) {
        // An empty value takes an earlier record back; the header's own field stands.
        if (key == "path" && !value.empty())
            entry.name = name_value(value);
        else if (key == "linkpath" && !value.empty())
            entry.link = name_value(value);
        else if (key == "size" && !value.empty())
            header.stored_size = number_value(key, value);
        else if (key == "uid" && !value.empty())
            entry.uid = bounded<uid_t>(static_cast<std::int64_t>(number_value(key, value)), "uid");
        else if (key == "gid" && !value.empty())
            entry.gid = bounded<gid_t>(static_cast<std::int64_t>(number_value(key, value)), "gid");
        else if (key == "mtime" && !value.empty())
            entry.mtime = parse_pax_time(value);
        else if (key.starts_with(xattr_prefix) && key.size() > xattr_prefix.size())
            entry.xattrs[name_value(key.substr(xattr_prefix.size()))] = value;
    }
}

void append_gnu_segments(std::string_view pairs, std::vector<TarSegment> &segments) {
    for (; pairs.size() >= 24; pairs.remove_prefix(24)) {
        if (pairs[0] == '\0')
            return;
        const auto offset = parse_tar_number(pairs.substr(0, 12));
        const auto length = parse_tar_number(pairs.substr(12, 12));
        if (!offset || !length || *offset < 0 || *length < 0)
            malformed("the map of a sparse file is wrong");
        segments.push_back({static_cast<std::uint64_t>(*offset), static_cast<std::uint64_t>(*length)});
    }
}

std::uint64_t gnu_real_size(const TarBlock &block) {
    return bounded<std::uint64_t>(number_field(block, 483, 12, "the size"), "the size");
}

bool gnu_map_continues(const TarBlock &block) {
    return block[482] != '\0';
}

} // namespace image
