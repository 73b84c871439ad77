// Reads one container's log files record by record, across rotation, and goes on when more is appended.
#pragma once

#include "base/fd.hpp"
#include "base/units.hpp"
#include "supervisor/log_format.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cli {

struct LogRange {
    std::optional<std::size_t> tail; // last lines of what is there at the start
    std::optional<base::Timestamp> since;
    std::optional<base::Timestamp> until;
};

class RecordReader {
  public:
    // A missing log is an empty one.
    RecordReader(std::filesystem::path directory, const LogRange &range);

    // The next record, valid until the following call; nullopt: nothing more now. Never blocks.
    std::optional<supervisor::LogRecord> next();

    // Without taking it.
    std::optional<supervisor::LogRecord> peek();

  private:
    bool refill();
    bool open_next();

    std::filesystem::path directory_;
    LogRange range_;
    std::vector<std::filesystem::path> waiting_; // older files not read yet, oldest first
    base::UniqueFd fd_;
    std::string buffer_;
    std::size_t at_ = 0;
    std::size_t taken_ = 0; // length of the line handed out by peek
};

} // namespace cli
