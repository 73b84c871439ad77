#include "supervisor/log_journal.hpp"

#include "base/error.hpp"

#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <unistd.h>

namespace supervisor {

namespace {

constexpr std::uint64_t magic = 0x31304c4f4720504dULL;

enum class Phase : std::uint32_t { idle, reading, writing };

} // namespace

struct LogJournal::Layout {
    std::uint64_t magic;
    std::uint64_t log_size;
    std::uint64_t length;
    unsigned char mark[16];
    char container[64];
    std::uint32_t stream;
    std::atomic<Phase> phase;
    char data[capacity];

    [[nodiscard]] std::size_t mark_length() const { return std::min<std::size_t>(sizeof mark, length); }

    [[nodiscard]] const char *mark_place() const { return data + length - mark_length(); }
};

LogJournal::LogJournal() : fd_(base::make_memfd("compose-log", "", 0)) {
    base::check(::ftruncate(fd_.get(), sizeof(Layout)), "size log journal", "");
    map();
    layout_->magic = magic;
}

LogJournal::LogJournal(base::UniqueFd fd) : fd_(std::move(fd)) {
    map();
    if (layout_->magic != magic)
        throw base::Error("the stored log journal has another format");
}

LogJournal::~LogJournal() {
    ::munmap(layout_, sizeof(Layout));
}

void LogJournal::map() {
    void *place = ::mmap(nullptr, sizeof(Layout), PROT_READ | PROT_WRITE, MAP_SHARED, fd_.get(), 0);
    if (place == MAP_FAILED)
        base::throw_errno("map log journal", "");
    layout_ = static_cast<Layout *>(place);
}

LogJournal::Pending LogJournal::pending() const {
    const Phase phase = layout_->phase.load();
    if (phase == Phase::idle || layout_->length == 0 || layout_->length > capacity)
        return {};
    if (phase == Phase::reading
        && std::memcmp(layout_->mark_place(), layout_->mark, layout_->mark_length()) == 0)
        return {};
    return {std::string(layout_->container, sizeof layout_->container),
            layout_->stream == 0 ? Stream::out : Stream::err, layout_->log_size,
            std::string(layout_->data, layout_->length)};
}

std::string_view LogJournal::read(int pipe, std::string_view container, Stream stream, std::uint64_t log_size,
                                  std::size_t most) {
    int available = 0;
    if (::ioctl(pipe, FIONREAD, &available) < 0)
        base::throw_errno("measure output of container", std::string(container.substr(0, 12)));
    if (available <= 0)
        return {};
    layout_->length = std::min({static_cast<std::size_t>(available), most, capacity});
    layout_->log_size = log_size;
    layout_->stream = stream == Stream::out ? 0 : 1;
    std::memcpy(layout_->container, container.data(), std::min(container.size(), sizeof layout_->container));
    // One mark that can't be guessed by what writes into the pipe is enough for the life of the journal.
    if (layout_->mark[0] == 0 && ::getrandom(layout_->mark, sizeof layout_->mark, 0) > 0)
        layout_->mark[0] |= 1;
    std::memcpy(const_cast<char *>(layout_->mark_place()), layout_->mark, layout_->mark_length());
    layout_->phase.store(Phase::reading);
    const ssize_t count = ::read(pipe, layout_->data, layout_->length);
    if (count < 0) {
        const int error = errno;
        layout_->phase.store(Phase::idle);
        if (error == EAGAIN || error == EINTR)
            return {};
        throw base::SystemError("read output of container", error, std::string(container.substr(0, 12)));
    }
    layout_->length = static_cast<std::uint64_t>(count);
    layout_->phase.store(Phase::writing);
    return {layout_->data, static_cast<std::size_t>(count)};
}

void LogJournal::moved_to(std::uint64_t log_size) {
    layout_->log_size = log_size;
}

void LogJournal::done() {
    layout_->phase.store(Phase::idle);
}

} // namespace supervisor
