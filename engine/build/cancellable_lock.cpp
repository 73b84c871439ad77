#include "engine/build/cancellable_lock.hpp"

#include "base/error.hpp"

#include <sys/file.h>

#include <array>
#include <cerrno>
#include <poll.h>

namespace build {

namespace {

// flock(2) can't be waited for together with a cancellation.
constexpr int interval_ms = 20;

void nap(const Cancellation &cancellation) {
    std::array<pollfd, 2> fds{{{cancellation.event_fd(), POLLIN, 0}, {cancellation.user_fd(), POLLIN, 0}}};
    (void)::poll(fds.data(), fds.size(), interval_ms);
    cancellation.check();
}

} // namespace

bool try_lock(int fd, int how, const std::string &subject) {
    if (::flock(fd, how | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK && errno != EINTR)
        base::throw_errno("lock", subject);
    return false;
}

void lock_or_cancel(int fd, int how, const std::string &subject, const Cancellation &cancellation) {
    while (!try_lock(fd, how, subject))
        nap(cancellation);
}

} // namespace build
