#include "engine/image/sources.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <cstring>
#include <unistd.h>

namespace image {

namespace {

constexpr std::size_t block_size = 1 << 20;
constexpr std::size_t blocks_ahead = 4;

} // namespace

std::size_t FdSource::read(char *buffer, std::size_t size) {
    for (;;) {
        const ssize_t count = ::read(fd_, buffer, size);
        if (count >= 0)
            return static_cast<std::size_t>(count);
        if (errno != EINTR)
            base::throw_errno("read", subject_);
    }
}

std::size_t MemorySource::read(char *buffer, std::size_t size) {
    const std::size_t count = std::min(size, data_.size());
    std::copy_n(data_.data(), count, buffer);
    data_.remove_prefix(count);
    return count;
}

std::size_t TapSource::read(char *buffer, std::size_t size) {
    const std::size_t count = source_.read(buffer, size);
    if (count > 0)
        tap_({buffer, count});
    return count;
}

ThreadedSource::ThreadedSource(ByteSource &source) : source_(source), thread_([this] { pump(); }) {}

ThreadedSource::~ThreadedSource() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void ThreadedSource::pump() {
    try {
        for (;;) {
            std::vector<char> block(block_size);
            std::size_t filled = 0;
            while (filled < block.size()) {
                const std::size_t count = source_.read(block.data() + filled, block.size() - filled);
                if (count == 0)
                    break;
                filled += count;
            }
            block.resize(filled);
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stop_ || blocks_.size() < blocks_ahead; });
            if (stop_)
                return;
            blocks_.push_back(std::move(block));
            changed_.notify_all();
            if (filled == 0)
                return;
        }
    } catch (...) {
        const std::lock_guard lock(mutex_);
        failure_ = std::current_exception();
        changed_.notify_all();
    }
}

std::size_t ThreadedSource::read(char *buffer, std::size_t size) {
    if (position_ == current_.size() && !finished_) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return failure_ || !blocks_.empty(); });
        if (blocks_.empty())
            std::rethrow_exception(failure_);
        current_ = std::move(blocks_.front());
        blocks_.pop_front();
        position_ = 0;
        finished_ = current_.empty();
        changed_.notify_all();
    }
    const std::size_t count = std::min(size, current_.size() - position_);
    std::copy_n(current_.data() + position_, count, buffer);
    position_ += count;
    return count;
}

} // namespace image
