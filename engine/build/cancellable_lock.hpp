// flock(2) that a cancellation ends. Without state.
#pragma once

#include "engine/build/cancellation.hpp"

#include <string>

namespace build {

// how: LOCK_SH or LOCK_EX. subject: the file, for errors. False when another holds it. @throws SystemError.
[[nodiscard]] bool try_lock(int fd, int how, const std::string &subject);

// Blocks until the lock is had. @throws image::Cancelled while it waits; SystemError.
void lock_or_cancel(int fd, int how, const std::string &subject, const Cancellation &cancellation);

} // namespace build
