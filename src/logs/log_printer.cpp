#include "logs/log_printer.hpp"

#include "terminal/terminal.hpp"

#include <algorithm>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t write_size = 64 * 1024;

} // namespace

void LogPrinter::add(const std::filesystem::path &directory, const std::string &name, const LogRange &range) {
    Entry entry{name, entries_.size(), {}, {}};
    entry.reader.emplace_back(directory, range);
    entries_.emplace(directory, std::move(entry));
    widest_ = std::max(widest_, display_width(name));
}

bool LogPrinter::has(const std::filesystem::path &directory) const {
    return entries_.contains(directory);
}

void LogPrinter::pump() {
    std::vector<Entry *> live;
    for (auto &[directory, entry] : entries_)
        live.push_back(&entry);
    while (!live.empty()) {
        Entry *oldest = nullptr;
        base::Timestamp first{};
        std::erase_if(live, [&](Entry *entry) {
            const auto record = entry->reader.front().peek();
            if (record && (oldest == nullptr || record->time < first)) {
                oldest = entry;
                first = record->time;
            }
            return !record;
        });
        if (oldest == nullptr)
            break;
        // All that precedes the others' next records goes out in one run.
        base::Timestamp bound = base::Timestamp::max();
        for (Entry *entry : live)
            if (entry != oldest)
                bound = std::min(bound, entry->reader.front().peek()->time);
        for (auto record = oldest->reader.front().peek(); record && record->time <= bound;
             record = oldest->reader.front().peek())
            print_record(*oldest, *oldest->reader.front().next());
    }
    write_out();
}

void LogPrinter::print_record(Entry &entry, const supervisor::LogRecord &record) {
    if (style_.raw) {
        if (record.stream != pending_stream_)
            write_out();
        pending_stream_ = record.stream;
        pending_ += record.text;
        if (record.complete)
            pending_ += '\n';
        if (pending_.size() >= write_size)
            write_out();
        return;
    }
    std::string &partial = entry.partial[record.stream == supervisor::Stream::out ? 0 : 1];
    if (!record.complete) {
        partial += record.text;
        return;
    }
    const std::string time = style_.timestamps ? base::format_rfc3339(record.time) : "";
    if (partial.empty()) {
        print_line(entry, record.stream, time, record.text);
    } else {
        partial += record.text;
        print_line(entry, record.stream, time, partial);
        partial.clear();
    }
}

void LogPrinter::print_line(const Entry &entry, supervisor::Stream stream, std::string_view time,
                            std::string_view text) {
    if (stream != pending_stream_)
        write_out();
    pending_stream_ = stream;
    if (style_.prefix)
        pending_ += prefix_coloured(padded(entry.name, widest_) + "  | ", entry.colour, style_.colour);
    if (!time.empty()) {
        pending_ += time;
        pending_ += ' ';
    }
    // A pty ends lines with CR LF; the CR would spoil what follows the prefix.
    if (text.ends_with('\r'))
        text.remove_suffix(1);
    pending_ += text;
    pending_ += '\n';
    if (pending_.size() >= write_size)
        write_out();
}

void LogPrinter::write_out() {
    print(pending_stream_ == supervisor::Stream::out ? STDOUT_FILENO : STDERR_FILENO, pending_);
    pending_.clear();
}

void LogPrinter::flush(const std::filesystem::path &directory) {
    const auto found = entries_.find(directory);
    if (found == entries_.end())
        return;
    for (int stream = 0; stream < 2; ++stream) {
        std::string &partial = found->second.partial[stream];
        if (!partial.empty())
            print_line(found->second, stream == 0 ? supervisor::Stream::out : supervisor::Stream::err, "",
                       partial);
        partial.clear();
    }
    write_out();
}

void LogPrinter::flush_all() {
    for (const auto &[directory, entry] : entries_)
        flush(directory);
}

} // namespace cli
