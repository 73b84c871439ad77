#include "supervisor/log_format.hpp"

#include <algorithm>

namespace supervisor {

namespace {

constexpr std::size_t time_size = 30; // 2026-01-02T03:04:05.000000006Z
constexpr std::size_t prefix_size = time_size + sizeof " stdout F " - 1;

static_assert(LogFormatter::largest_record == prefix_size + sizeof "x\n" - 1);

} // namespace

LogFormatter::LogFormatter(Stream stream, base::Timestamp time) {
    const std::string start = base::format_rfc3339(time) + (stream == Stream::out ? " stdout " : " stderr ");
    partial_ = start + "P ";
    full_ = start + "F ";
}

std::size_t LogFormatter::format(std::string_view raw, std::string &out, std::size_t limit) const {
    std::size_t used = 0;
    while (used < raw.size()) {
        const std::string_view rest = raw.substr(used);
        const std::size_t end = rest.find('\n');
        const bool complete = end != std::string_view::npos;
        const std::size_t length = complete ? end : rest.size();
        if (used > 0 && out.size() + prefix_size + length + 1 > limit)
            break;
        out += complete ? full_ : partial_;
        out += rest.substr(0, length);
        out += '\n';
        used += length + (complete ? 1 : 0);
    }
    return used;
}

std::size_t LogFormatter::formatted_size(std::string_view raw) {
    const auto lines = static_cast<std::size_t>(std::count(raw.begin(), raw.end(), '\n'));
    const bool partial = !raw.empty() && raw.back() != '\n';
    return raw.size() + lines * prefix_size + (partial ? prefix_size + 1 : 0);
}

std::optional<LogRecord> parse_log_record(std::string_view line) {
    if (line.size() < prefix_size || line[time_size] != ' ')
        return std::nullopt;
    const auto time = base::parse_rfc3339(line.substr(0, time_size));
    const std::string_view stream = line.substr(time_size + 1, 6);
    const char tag = line[prefix_size - 2];
    if (!time || (stream != "stdout" && stream != "stderr") || (tag != 'P' && tag != 'F'))
        return std::nullopt;
    return LogRecord{*time, stream == "stdout" ? Stream::out : Stream::err, tag == 'F',
                     line.substr(prefix_size)};
}

} // namespace supervisor
