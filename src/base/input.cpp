#include "base/input.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace base {

Input::Input(int fd) : fd_(fd) {
    if (::isatty(fd) == 1)
        own_.reset(::open(fmt::format("/proc/self/fd/{}", fd).c_str(),
                          O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

std::optional<std::string_view> Input::read(std::span<char> buffer) const {
    const ssize_t count = ::read(fd(), buffer.data(), buffer.size());
    if (count > 0)
        return std::string_view(buffer.data(), static_cast<std::size_t>(count));
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return std::string_view();
    return std::nullopt;
}

} // namespace base
