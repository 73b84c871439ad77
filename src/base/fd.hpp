// Owned file descriptors. A raw int appears only at the system call.
#pragma once

#include <utility>

namespace base {

class UniqueFd {
  public:
    UniqueFd() noexcept = default;

    explicit UniqueFd(int fd) noexcept : fd_(fd) {}

    UniqueFd(UniqueFd &&other) noexcept : fd_(other.release()) {}

    UniqueFd &operator=(UniqueFd &&other) noexcept {
        reset(other.release());
        return *this;
    }

    UniqueFd(const UniqueFd &) = delete;
    UniqueFd &operator=(const UniqueFd &) = delete;

    ~UniqueFd() { reset(); }

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }

    explicit operator bool() const noexcept { return valid(); }

    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }

    // Closes what is held. Self-move leaves the descriptor in place.
    void reset(int fd = -1) noexcept;

    // A second descriptor for the same open file, with CLOEXEC. @throws SystemError.
    [[nodiscard]] UniqueFd duplicate() const;

  private:
    int fd_ = -1;
};

struct Pipe {
    UniqueFd read;
    UniqueFd write;
};

// pipe2(2); O_CLOEXEC is always added to flags. @throws SystemError.
[[nodiscard]] Pipe make_pipe(int flags = 0);

// eventfd(2) with EFD_CLOEXEC | EFD_NONBLOCK. @throws SystemError.
[[nodiscard]] UniqueFd make_eventfd();

// memfd_create(2) holding data, CLOEXEC, positioned at 0. @throws SystemError.
[[nodiscard]] UniqueFd make_memfd(const char *name, const void *data, std::size_t size);

} // namespace base
