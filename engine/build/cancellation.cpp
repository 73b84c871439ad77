#include "engine/build/cancellation.hpp"

#include "engine/image/pull.hpp"

#include <cstdint>
#include <poll.h>
#include <unistd.h>

namespace build {

void Cancellation::cancel() {
    cancelled_ = true;
    const std::uint64_t one = 1;
    // It can only fail when it is readable already.
    static_cast<void>(::write(event_.get(), &one, sizeof one));
}

bool Cancellation::requested() const {
    if (cancelled_)
        return true;
    pollfd user{user_fd_, POLLIN, 0};
    return user_fd_ >= 0 && ::poll(&user, 1, 0) > 0;
}

void Cancellation::check() const {
    if (requested())
        throw image::Cancelled("build");
}

} // namespace build
