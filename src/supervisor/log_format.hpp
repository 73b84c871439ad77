// The CRI log format (kubernetes cri-api, "LOG FORMAT"): one record a line,
//   RFC3339NANO (stdout|stderr) (P|F) TEXT
// P: the output line goes on in the next record of the same stream; F: it ends here.
#pragma once

#include "base/units.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace supervisor {

enum class Stream : std::uint8_t { out, err };

struct LogRecord {
    base::Timestamp time;
    Stream stream = Stream::out;
    bool complete = true;  // F
    std::string_view text; // into the line it was parsed from
};

// Appends raw output as records with one time stamp; every byte of it can be recovered.
class LogFormatter {
  public:
    LogFormatter(Stream stream, base::Timestamp time);

    // Consumes as much of raw as fits into out (at least one record); returns the bytes consumed.
    std::size_t format(std::string_view raw, std::string &out, std::size_t limit) const;

    // Of all of raw as records, in bytes. At most largest_record for a byte.
    [[nodiscard]] static std::size_t formatted_size(std::string_view raw);

    static constexpr std::size_t largest_record = 42;

  private:
    std::string partial_;
    std::string full_;
};

// nullopt for a line that isn't a record (a torn tail after a power cut).
[[nodiscard]] std::optional<LogRecord> parse_log_record(std::string_view line);

} // namespace supervisor
