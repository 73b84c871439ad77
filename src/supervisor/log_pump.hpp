// Moves one output stream of a container from its FIFO (or pty) into its log. One thread.
#pragma once

#include "base/fd.hpp"
#include "supervisor/log_file.hpp"
#include "supervisor/log_journal.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

namespace supervisor {

// Writes what a predecessor had read for this log and not yet written.
void finish_pending(LogJournal &journal, LogFile &log);

class LogPump : public std::enable_shared_from_this<LogPump> {
  public:
    using Failure = std::function<void(const std::string &message)>;

    // fd: the reading end, non-blocking; for a FIFO opened O_RDWR, so that it never reports an end.
    // failed is called (once per spell) when the log can't be written, e.g. on a full disk: what was read is
    // kept and tried again each second, the rest stays in the pipe and the container blocks: nothing is lost.
    LogPump(const boost::asio::any_io_executor &executor, base::UniqueFd fd, std::string container,
            Stream stream, LogJournal &journal, std::shared_ptr<LogFile> log, Failure failed);

    void start();
    // Moves what is there now; for the end of a container, whose pipe has no other writer any more.
    void drain();
    void stop();

  private:
    void wait();
    // True when there may be more.
    bool transfer();
    void keep(std::string_view data, std::uint64_t log_size, const std::string &why);
    void retry_later();

    boost::asio::posix::stream_descriptor descriptor_;
    std::string container_;
    Stream stream_;
    LogJournal &journal_;
    std::shared_ptr<LogFile> log_;
    Failure failed_;
    std::string records_;
    std::string unsaved_; // read, but the log could not take it yet
    boost::asio::steady_timer retry_;
};

} // namespace supervisor
