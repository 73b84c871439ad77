#include "logs/record_reader.hpp"

#include "base/error.hpp"
#include "supervisor/log_file.hpp"

#include <sys/mman.h>
#include <sys/stat.h>

#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t chunk = 256 * 1024;

// A whole file in memory, read-only, for looking at it from its end.
class Mapping {
  public:
    explicit Mapping(const std::filesystem::path &path) {
        const base::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));

        struct stat status {};

        if (!fd || ::fstat(fd.get(), &status) < 0 || status.st_size == 0)
            return;
        void *place =
            ::mmap(nullptr, static_cast<std::size_t>(status.st_size), PROT_READ, MAP_SHARED, fd.get(), 0);
        if (place != MAP_FAILED)
            text_ = {static_cast<const char *>(place), static_cast<std::size_t>(status.st_size)};
    }

    ~Mapping() {
        if (!text_.empty())
            ::munmap(const_cast<char *>(text_.data()), text_.size());
    }

    Mapping(const Mapping &) = delete;
    Mapping &operator=(const Mapping &) = delete;

    [[nodiscard]] std::string_view text() const { return text_; }

  private:
    std::string_view text_;
};

// Where the last `lines` output lines of text start; lines is reduced by what was found.
std::size_t tail_start(std::string_view text, std::size_t &lines) {
    std::size_t start = text.size();
    while (start > 0 && lines > 0) {
        // Back over one output line: its final record and the partial ones before it.
        for (bool first = true; start > 0; first = false) {
            const std::size_t before = start < 2 ? std::string_view::npos : text.rfind('\n', start - 2);
            const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
            const auto record = supervisor::parse_log_record(text.substr(begin, start - 1 - begin));
            if (!first && (!record || record->complete))
                break;
            start = begin;
        }
        --lines;
    }
    return start;
}

} // namespace

RecordReader::RecordReader(std::filesystem::path directory, const LogRange &range)
    : directory_(std::move(directory)), range_(range), waiting_(supervisor::LogFile::files(directory_)) {
    std::size_t skip = 0;
    if (range_.tail) {
        std::size_t lines = *range_.tail;
        std::size_t keep = waiting_.size();
        while (keep > 0 && (lines > 0 || keep == waiting_.size()))
            skip = tail_start(Mapping(waiting_[--keep]).text(), lines);
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(keep));
    }
    if (open_next() && skip > 0)
        ::lseek(fd_.get(), static_cast<off_t>(skip), SEEK_SET);
}

bool RecordReader::open_next() {
    while (!waiting_.empty()) {
        fd_.reset(::open(waiting_.front().c_str(), O_RDONLY | O_CLOEXEC));
        waiting_.erase(waiting_.begin());
        if (fd_)
            return true;
    }
    return false;
}

bool RecordReader::refill() {
    if (!fd_) {
        waiting_ = {directory_ / "log"};
        if (!open_next())
            return false;
    }
    buffer_.erase(0, at_);
    at_ = 0;
    for (;;) {
        const std::size_t old = buffer_.size();
        buffer_.resize(old + chunk);
        const ssize_t count = ::read(fd_.get(), buffer_.data() + old, chunk);
        buffer_.resize(old + (count > 0 ? static_cast<std::size_t>(count) : 0));
        if (count < 0)
            base::throw_errno("read log", directory_.string());
        if (count > 0)
            return true;
        if (!waiting_.empty()) {
            open_next();
            continue;
        }

        // At the end of what was the newest file: it may have been moved aside since.
        struct stat mine {};

        struct stat newest {};

        if (::fstat(fd_.get(), &mine) < 0 || ::stat((directory_ / "log").c_str(), &newest) < 0
            || mine.st_ino == newest.st_ino)
            return false;
        waiting_ = supervisor::LogFile::files(directory_);
        while (!waiting_.empty()) {
            struct stat candidate {};

            const bool same =
                ::stat(waiting_.front().c_str(), &candidate) == 0 && candidate.st_ino == mine.st_ino;
            waiting_.erase(waiting_.begin());
            if (same)
                break;
        }
        if (waiting_.empty())
            waiting_ = {directory_ / "log"};
        if (!open_next())
            return false;
    }
}

std::optional<supervisor::LogRecord> RecordReader::peek() {
    for (;;) {
        const std::size_t end = buffer_.find('\n', at_);
        if (end == std::string::npos) {
            if (!refill())
                return std::nullopt;
            continue;
        }
        const auto record = supervisor::parse_log_record(std::string_view(buffer_).substr(at_, end - at_));
        taken_ = end + 1 - at_;
        if (record && (!range_.since || record->time >= *range_.since)
            && (!range_.until || record->time < *range_.until))
            return record;
        at_ += taken_;
    }
}

std::optional<supervisor::LogRecord> RecordReader::next() {
    const auto record = peek();
    if (record)
        at_ += taken_;
    return record;
}

} // namespace cli
