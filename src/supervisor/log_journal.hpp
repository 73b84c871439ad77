// Exactly-once transfer from a pipe to a log across kill -9 of the supervisor.
//
// The one read buffer of the supervisor lies in a memfd that the keeper holds as well. Before a read(2) the
// place where its last bytes will land is marked; a successor sees from the mark whether the read happened,
// and from the recorded log size what a half-done append has to be cut back to.
#pragma once

#include "base/fd.hpp"
#include "supervisor/log_format.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace supervisor {

class LogJournal {
  public:
    static constexpr std::size_t capacity = 256 * 1024;

    // An unfinished transfer found in the buffer of a predecessor.
    struct Pending {
        std::string container; // id
        Stream stream = Stream::out;
        std::uint64_t log_size = 0; // before the append
        std::string data;
    };

    // A new, empty journal.
    LogJournal();
    // The journal of a predecessor. @throws base::Error when fd isn't one.
    explicit LogJournal(base::UniqueFd fd);
    ~LogJournal();
    LogJournal(const LogJournal &) = delete;
    LogJournal &operator=(const LogJournal &) = delete;

    [[nodiscard]] int fd() const { return fd_.get(); }

    // What a predecessor read but may not have written; empty data: nothing.
    [[nodiscard]] Pending pending() const;

    // Reads up to `most` bytes, and up to capacity, that are available on pipe (not more than it holds now).
    // @return the data, valid until the next call; empty when there is none.
    std::string_view read(int pipe, std::string_view container, Stream stream, std::uint64_t log_size,
                          std::size_t most = capacity);
    // The data will be appended to a log of this size instead.
    void moved_to(std::uint64_t log_size);
    // The data is in the log.
    void done();

  private:
    struct Layout;

    void map();

    base::UniqueFd fd_;
    Layout *layout_ = nullptr;
};

} // namespace supervisor
