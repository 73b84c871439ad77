#include "supervisor/log_pump.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <chrono>

namespace supervisor {

namespace {

constexpr std::size_t piece = 256 * 1024; // of formatted records, that their buffer stays small
// Batches moved before the other descriptors get their turn.
constexpr int turn = 16;

void write_records(LogFile &log, Stream stream, std::string_view data, std::string &records) {
    if (log.discards())
        return;
    const LogFormatter formatter(stream, base::now());
    while (!data.empty()) {
        records.clear();
        data.remove_prefix(formatter.format(data, records, piece));
        log.append(records);
    }
}

// What may be read at once, for all of it goes into one file.
std::size_t read_at_most(const LogFile &log) {
    return std::max<std::size_t>(log.max_size() / LogFormatter::largest_record, 1);
}

// Before the append, so that a successor knows in which file it is.
void make_room(LogJournal &journal, LogFile &log, std::string_view data) {
    if (!log.discards() && log.rotate_for(LogFormatter::formatted_size(data)))
        journal.moved_to(log.size());
}

} // namespace

void finish_pending(LogJournal &journal, LogFile &log) {
    const LogJournal::Pending pending = journal.pending();
    if (pending.data.empty())
        return;
    log.truncate(pending.log_size);
    make_room(journal, log, pending.data);
    std::string records;
    write_records(log, pending.stream, pending.data, records);
    journal.done();
}

LogPump::LogPump(const boost::asio::any_io_executor &executor, base::UniqueFd fd, std::string container,
                 Stream stream, LogJournal &journal, std::shared_ptr<LogFile> log, Failure failed)
    : descriptor_(executor, fd.release()), container_(std::move(container)), stream_(stream),
      journal_(journal), log_(std::move(log)), failed_(std::move(failed)), retry_(executor) {
    descriptor_.non_blocking(true);
}

void LogPump::start() {
    wait();
}

void LogPump::wait() {
    descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                           [self = shared_from_this()](boost::system::error_code error) {
                               if (error || !self->descriptor_.is_open())
                                   return;
                               bool more = true;
                               for (int i = 0; i < turn && more; ++i)
                                   more = self->transfer();
                               if (self->descriptor_.is_open() && self->unsaved_.empty())
                                   self->wait();
                           });
}

bool LogPump::transfer() {
    if (!unsaved_.empty())
        return false;
    std::uint64_t before = log_->size();
    std::string_view data;
    try {
        data = journal_.read(descriptor_.native_handle(), container_, stream_, before, read_at_most(*log_));
        if (data.empty())
            return false;
        make_room(journal_, *log_, data);
        before = log_->size();
        write_records(*log_, stream_, data, records_);
        journal_.done();
        return true;
    } catch (const base::SystemError &error) {
        if (!data.empty())
            keep(data, before, error.what());
        else if (error.code() == EIO) // how a pty says that nobody has it open any more
            stop();
        else
            failed_(error.what());
        return false;
    }
}

void LogPump::keep(std::string_view data, std::uint64_t log_size, const std::string &why) {
    log_->truncate(log_size);
    unsaved_ = data;
    journal_.done();
    failed_(why);
    retry_later();
}

void LogPump::retry_later() {
    retry_.expires_after(std::chrono::seconds(1));
    retry_.async_wait([self = shared_from_this()](boost::system::error_code error) {
        if (error || !self->descriptor_.is_open())
            return;
        const std::uint64_t before = self->log_->size();
        try {
            write_records(*self->log_, self->stream_, self->unsaved_, self->records_);
            self->unsaved_.clear();
            self->wait();
        } catch (const base::SystemError &) {
            self->log_->truncate(before);
            self->retry_later();
        }
    });
}

void LogPump::drain() {
    while (descriptor_.is_open() && transfer()) {
    }
}

void LogPump::stop() {
    retry_.cancel();
    boost::system::error_code ignored;
    descriptor_.close(ignored);
}

} // namespace supervisor
