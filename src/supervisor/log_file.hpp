// A container's log on disk: `log`, and `log.1` (newer) to `log.N` once it was rotated.
#pragma once

#include "base/fd.hpp"
#include "base/units.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace supervisor {

struct LogLimits {
    base::Bytes max_size{100LL * 1024 * 1024};
    int max_files = 5;    // the current one included
    bool discard = false; // driver none: nothing is kept
};

class LogFile {
  public:
    // Opens or creates DIRECTORY/log for appending. @throws SystemError.
    LogFile(std::filesystem::path directory, LogLimits limits);

    // Moves the file aside when `coming` more bytes would exceed the limit. True when it did.
    bool rotate_for(std::size_t coming);
    void append(std::string_view records);
    // Cuts back to an earlier size: what a crash left half-written.
    void truncate(std::uint64_t size);

    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] std::uint64_t max_size() const {
        return static_cast<std::uint64_t>(limits_.max_size.value);
    }

    [[nodiscard]] bool discards() const { return limits_.discard; }

    // The files of a directory, oldest first, as a reader has to read them.
    static std::vector<std::filesystem::path> files(const std::filesystem::path &directory);

  private:
    void open();

    std::filesystem::path directory_;
    LogLimits limits_;
    base::UniqueFd fd_;
    std::uint64_t size_ = 0;
};

} // namespace supervisor
