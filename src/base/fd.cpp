#include "base/fd.hpp"

#include "base/error.hpp"

#include <sys/eventfd.h>
#include <sys/mman.h>

#include <fcntl.h>
#include <unistd.h>

namespace base {

void UniqueFd::reset(int fd) noexcept {
    if (fd_ >= 0 && fd_ != fd)
        ::close(fd_);
    fd_ = fd;
}

UniqueFd UniqueFd::duplicate() const {
    const int copy = ::fcntl(fd_, F_DUPFD_CLOEXEC, 3);
    if (copy < 0)
        throw_errno("duplicate descriptor", std::to_string(fd_));
    return UniqueFd(copy);
}

Pipe make_pipe(int flags) {
    int ends[2];
    if (::pipe2(ends, flags | O_CLOEXEC) < 0)
        throw_errno("create pipe", "");
    return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

UniqueFd make_eventfd() {
    UniqueFd fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!fd)
        throw_errno("create eventfd", "");
    return fd;
}

UniqueFd make_memfd(const char *name, const void *data, std::size_t size) {
    UniqueFd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd)
        throw_errno("create memfd", name);
    const auto *next = static_cast<const char *>(data);
    while (size > 0) {
        const ssize_t written = ::write(fd.get(), next, size);
        if (written < 0)
            throw_errno("write memfd", name);
        next += written;
        size -= static_cast<std::size_t>(written);
    }
    ::lseek(fd.get(), 0, SEEK_SET);
    return fd;
}

} // namespace base
