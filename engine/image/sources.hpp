// Byte sources to build pipelines of: file, memory, hash of what passes, hand-over to another thread.
#pragma once

#include "base/digest.hpp"
#include "base/fd.hpp"
#include "engine/image/byte_source.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace image {

// Reads a descriptor from its position on; does not own it.
class FdSource : public ByteSource {
  public:
    FdSource(int fd, std::string subject) : fd_(fd), subject_(std::move(subject)) {}

    std::size_t read(char *buffer, std::size_t size) override;

  private:
    int fd_;
    std::string subject_;
};

class MemorySource : public ByteSource {
  public:
    // @pre data outlives the source.
    explicit MemorySource(std::string_view data) : data_(data) {}

    std::size_t read(char *buffer, std::size_t size) override;

  private:
    std::string_view data_;
};

// Calls back with each stretch on its way through: to hash, to copy, to count, to cancel by throwing.
class TapSource : public ByteSource {
  public:
    using Tap = std::function<void(std::string_view)>;

    TapSource(ByteSource &source, Tap tap) : source_(source), tap_(std::move(tap)) {}

    std::size_t read(char *buffer, std::size_t size) override;

  private:
    ByteSource &source_;
    Tap tap_;
};

// Reads the inner source on a thread of its own, a few blocks ahead; what it throws comes out of read().
// Destroying it stops the thread after the inner read under way.
class ThreadedSource : public ByteSource {
  public:
    // @pre source outlives this object.
    explicit ThreadedSource(ByteSource &source);
    ~ThreadedSource() override;

    std::size_t read(char *buffer, std::size_t size) override;

  private:
    void pump();

    ByteSource &source_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::vector<char>> blocks_; // an empty block marks the end
    std::exception_ptr failure_;
    bool stop_ = false;
    std::vector<char> current_;
    std::size_t position_ = 0;
    bool finished_ = false;
    std::thread thread_;
};

} // namespace image
