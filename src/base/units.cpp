#include "base/units.hpp"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cmath>
#include <ctime>

namespace base {

namespace {

using namespace std::chrono;

// A decimal number with optional fraction at the start of text, which is advanced past it.
std::optional<double> take_number(std::string_view &text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc() || end == text.data())
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

std::optional<Duration> unit_of(std::string_view name) {
    if (name == "ns")
        return nanoseconds(1);
    if (name == "us" || name == "\u00b5s" || name == "\u03bcs")
        return microseconds(1);
    if (name == "ms")
        return milliseconds(1);
    if (name == "s")
        return seconds(1);
    if (name == "m")
        return minutes(1);
    if (name == "h")
        return hours(1);
    if (name == "d")
        return hours(24);
    if (name == "w")
        return hours(168);
    return std::nullopt;
}

std::string trimmed_fraction(std::int64_t value, std::int64_t unit) {
    std::string text = fmt::format("{}", value / unit);
    if (const std::int64_t rest = value % unit; rest != 0) {
        std::string digits = fmt::format("{:0{}}", rest, static_cast<int>(std::lround(std::log10(unit))));
        digits.erase(digits.find_last_not_of('0') + 1);
        text += "." + digits;
    }
    return text;
}

std::optional<int> take_digits(std::string_view &text, std::size_t count) {
    int value = 0;
    if (text.size() < count)
        return std::nullopt;
    const auto [end, error] = std::from_chars(text.data(), text.data() + count, value);
    if (error != std::errc() || end != text.data() + count)
        return std::nullopt;
    text.remove_prefix(count);
    return value;
}

bool take_char(std::string_view &text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos)
        return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

std::optional<Bytes> parse_bytes(std::string_view text) {
    const auto number = take_number(text);
    if (!number || *number < 0)
        return std::nullopt;
    if (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    double multiple = 1;
    if (!text.empty() && (text.front() | 0x20) != 'b') {
        const auto power = std::string_view("kmgtp").find(static_cast<char>(text.front() | 0x20));
        if (power == std::string_view::npos)
            return std::nullopt;
        multiple = std::pow(1024.0, static_cast<double>(power) + 1);
        text.remove_prefix(1);
        if (!text.empty() && (text.front() | 0x20) == 'i')
            text.remove_prefix(1);
    }
    if (!text.empty() && (text.front() | 0x20) == 'b')
        text.remove_prefix(1);
    const double value = *number * multiple;
    if (!text.empty() || value > 9.2e18)
        return std::nullopt;
    return Bytes{static_cast<std::int64_t>(value)};
}

std::optional<Duration> parse_duration(std::string_view text) {
    bool negative = false;
    if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
        negative = text.front() == '-';
        text.remove_prefix(1);
    }
    if (text == "0")
        return Duration(0);
    if (text.empty())
        return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        const auto number = take_number(text);
        if (!number || *number < 0)
            return std::nullopt;
        const std::size_t length = std::min(text.find_first_of("0123456789."), text.size());
        const auto unit = unit_of(text.substr(0, length));
        if (!unit)
            return std::nullopt;
        total += *number * static_cast<double>(unit->count());
        text.remove_prefix(length);
    }
    if (total > 9.2e18)
        return std::nullopt;
    const auto count = static_cast<std::int64_t>(std::llround(total));
    return Duration(negative ? -count : count);
}

std::string format_duration(Duration duration) {
    std::int64_t count = duration.count();
    if (count == 0)
        return "0s";
    std::string text = count < 0 ? "-" : "";
    count = std::abs(count);
    if (count < 1000)
        return text + fmt::format("{}ns", count);
    if (count < 1'000'000)
        return text + trimmed_fraction(count, 1000) + "\u00b5s";
    if (count < 1'000'000'000)
        return text + trimmed_fraction(count, 1'000'000) + "ms";
    const std::int64_t whole_minutes = count / 60'000'000'000;
    if (whole_minutes >= 60)
        text += fmt::format("{}h", whole_minutes / 60);
    if (whole_minutes > 0)
        text += fmt::format("{}m", whole_minutes % 60);
    return text + trimmed_fraction(count % 60'000'000'000, 1'000'000'000) + "s";
}

std::string format_size(Bytes bytes) {
    static constexpr std::array<std::string_view, 6> names = {"B", "kB", "MB", "GB", "TB", "PB"};
    auto value = static_cast<double>(bytes.value);
    std::size_t index = 0;
    while (value >= 1000 && index + 1 < names.size()) {
        value /= 1000;
        ++index;
    }
    return fmt::format("{:.3g}{}", value, names[index]);
}

std::string format_age(Duration age) {
    const auto whole = duration_cast<seconds>(age).count();
    if (whole < 1)
        return "Less than a second";
    if (whole == 1)
        return "1 second";
    if (whole < 60)
        return fmt::format("{} seconds", whole);
    const auto whole_minutes = whole / 60;
    if (whole_minutes == 1)
        return "About a minute";
    if (whole_minutes < 60)
        return fmt::format("{} minutes", whole_minutes);
    const auto whole_hours = (whole + 1800) / 3600;
    if (whole_hours == 1)
        return "About an hour";
    if (whole_hours < 48)
        return fmt::format("{} hours", whole_hours);
    if (whole_hours < 24 * 7 * 2)
        return fmt::format("{} days", whole_hours / 24);
    if (whole_hours < 24 * 30 * 2)
        return fmt::format("{} weeks", whole_hours / 24 / 7);
    if (whole_hours < 24 * 365 * 2)
        return fmt::format("{} months", whole_hours / 24 / 30);
    return fmt::format("{} years", whole_hours / 24 / 365);
}

Timestamp now() {
    return time_point_cast<nanoseconds>(system_clock::now());
}

std::string format_rfc3339(Timestamp time) {
    const std::int64_t count = time.time_since_epoch().count();
    std::int64_t whole = count / 1'000'000'000;
    std::int64_t fraction = count % 1'000'000'000;
    if (fraction < 0) {
        fraction += 1'000'000'000;
        --whole;
    }
    const std::time_t calendar = whole;
    std::tm parts{};
    ::gmtime_r(&calendar, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, fraction);
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
    std::tm parts{};
    const auto year = take_digits(text, 4);
    const bool dash1 = take_char(text, "-");
    const auto month = take_digits(text, 2);
    const bool dash2 = take_char(text, "-");
    const auto day = take_digits(text, 2);
    if (!year || !dash1 || !month || !dash2 || !day)
        return std::nullopt;
    parts.tm_year = *year - 1900;
    parts.tm_mon = *month - 1;
    parts.tm_mday = *day;
    std::int64_t fraction = 0;
    std::int64_t offset = 0;
    if (take_char(text, "Tt ")) {
        const auto hour = take_digits(text, 2);
        const bool colon1 = take_char(text, ":");
        const auto minute = take_digits(text, 2);
        if (!hour || !colon1 || !minute)
            return std::nullopt;
        parts.tm_hour = *hour;
        parts.tm_min = *minute;
        if (take_char(text, ":")) {
            const auto second = take_digits(text, 2);
            if (!second)
                return std::nullopt;
            parts.tm_sec = *second;
        }
        if (take_char(text, ".")) {
            std::int64_t scale = 100'000'000;
            while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
                fraction += (text.front() - '0') * scale;
                scale /= 10;
                text.remove_prefix(1);
            }
        }
        if (!text.empty() && !take_char(text, "Zz")) {
            const bool behind = text.front() == '-';
            if (!take_char(text, "+-"))
                return std::nullopt;
            const auto zone_hour = take_digits(text, 2);
            take_char(text, ":");
            const auto zone_minute = take_digits(text, 2);
            if (!zone_hour || !zone_minute)
                return std::nullopt;
            offset = (*zone_hour * 60 + *zone_minute) * 60;
            offset = behind ? -offset : offset;
        }
    }
    if (!text.empty())
        return std::nullopt;
    const std::int64_t whole = ::timegm(&parts) - offset;
    return Timestamp(seconds(whole) + nanoseconds(fraction));
}

} // namespace base
