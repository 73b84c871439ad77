// Merges the logs of several containers by time and prints them, with or without following.
#pragma once

#include "logs/record_reader.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace cli {

struct LogStyle {
    bool prefix = true;
    bool colour = true;
    bool timestamps = false;
    bool raw = false; // exactly the bytes the container wrote: for run and attach
};

class LogPrinter {
  public:
    explicit LogPrinter(LogStyle style) : style_(style) {}

    // name: the prefix, "web-1". Containers are told apart by directory.
    void add(const std::filesystem::path &directory, const std::string &name, const LogRange &range);
    [[nodiscard]] bool has(const std::filesystem::path &directory) const;

    // Prints everything there is now, oldest first.
    void pump();
    // Ends unfinished lines, for the end of a container or of the command.
    void flush(const std::filesystem::path &directory);
    void flush_all();

  private:
    struct Entry {
        std::string name;
        std::size_t colour = 0;
        std::vector<RecordReader> reader; // exactly one
        std::string partial[2];           // by stream
    };

    void print_record(Entry &entry, const supervisor::LogRecord &record);
    void print_line(const Entry &entry, supervisor::Stream stream, std::string_view time,
                    std::string_view text);
    void write_out();

    LogStyle style_;
    std::map<std::filesystem::path, Entry> entries_;
    std::size_t widest_ = 0;
    std::string pending_;
    supervisor::Stream pending_stream_ = supervisor::Stream::out;
};

} // namespace cli
