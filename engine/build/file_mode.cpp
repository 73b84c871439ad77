#include "engine/build/file_mode.hpp"

#include <charconv>

namespace build {

namespace {

constexpr mode_t user = 04700;
constexpr mode_t group = 02070;
constexpr mode_t others = 00007;
constexpr mode_t sticky = 01000;
constexpr mode_t all = user | group | others | sticky;
constexpr mode_t any_execute = 0111;

mode_t bits_of(char letter) {
    switch (letter) {
    case 'r':
        return 0444;
    case 'w':
        return 0222;
    case 'x':
        return any_execute;
    case 's':
        return 06000;
    case 't':
        return sticky;
    default:
        return 0;
    }
}

mode_t whom_of(char letter) {
    switch (letter) {
    case 'u':
        return user;
    case 'g':
        return group;
    case 'o':
        return others | sticky;
    case 'a':
        return all;
    default:
        return 0;
    }
}

// The three bits that one of them has, given to everybody.
mode_t copied_bits(mode_t mode, char from) {
    const mode_t bits = (from == 'u' ? mode >> 6 : from == 'g' ? mode >> 3 : mode) & 7;
    return bits << 6 | bits << 3 | bits;
}

bool is_operation(char letter) {
    return letter == '+' || letter == '-' || letter == '=';
}

} // namespace

bool FileMode::parse_clause(std::string_view clause, std::vector<Change> &changes) {
    mode_t whom = 0;
    while (!clause.empty() && whom_of(clause.front()) != 0) {
        whom |= whom_of(clause.front());
        clause.remove_prefix(1);
    }
    if (clause.empty())
        return false;
    while (!clause.empty()) {
        if (!is_operation(clause.front()))
            return false;
        Change change{whom == 0 ? all : whom, clause.front(), 0, false, 0};
        clause.remove_prefix(1);
        if (!clause.empty() && (clause.front() == 'u' || clause.front() == 'g' || clause.front() == 'o')) {
            change.copied_from = clause.front();
            clause.remove_prefix(1);
        }
        for (; change.copied_from == 0 && !clause.empty() && !is_operation(clause.front());
             clause.remove_prefix(1)) {
            const mode_t bits = bits_of(clause.front());
            if (bits == 0 && clause.front() != 'X')
                return false;
            change.bits |= bits;
            change.executable_only = change.executable_only || clause.front() == 'X';
        }
        changes.push_back(change);
    }
    return true;
}

std::optional<FileMode> FileMode::parse(std::string_view text) {
    FileMode result;
    unsigned mode = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
    if (read.ec == std::errc() && read.ptr == text.data() + text.size()) {
        result.whole_ = mode;
        return mode <= 07777 ? std::optional(result) : std::nullopt;
    }
    for (;;) {
        const std::size_t comma = text.find(',');
        if (!parse_clause(text.substr(0, comma), result.changes_))
            return std::nullopt;
        if (comma == std::string_view::npos)
            return result;
        text.remove_prefix(comma + 1);
    }
}

mode_t FileMode::apply(mode_t mode, bool is_directory) const {
    if (whole_)
        return *whole_;
    mode &= 07777;
    for (const Change &change : changes_) {
        mode_t bits = change.bits;
        if (change.executable_only && (is_directory || (mode & any_execute) != 0))
            bits |= any_execute;
        if (change.copied_from != 0)
            bits = copied_bits(mode, change.copied_from);
        bits &= change.whom;
        if (change.operation == '+')
            mode |= bits;
        else if (change.operation == '-')
            mode &= ~bits;
        else
            mode = (mode & ~change.whom) | bits;
    }
    return mode;
}

} // namespace build
