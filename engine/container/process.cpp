#include "engine/container/process.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"

#include <charconv>
#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

template <typename T>
bool to_number(std::string_view text, T &into) {
    return std::from_chars(text.data(), text.data() + text.size(), into).ec == std::errc{};
}

} // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view text) {
    const auto name_end = text.rfind(')');
    if (name_end == std::string_view::npos || name_end + 2 >= text.size())
        return std::nullopt;
    ProcessStat stat;
    stat.state = text[name_end + 2];
    std::string_view rest = text.substr(name_end + 2);
    bool started = false;
    for (int field = 3; !rest.empty(); ++field) {
        const auto end = rest.find_first_of(" \n");
        const auto value = rest.substr(0, end);
        if (field == 22)
            started = to_number(value, stat.start_ticks);
        else if (field == 52)
            to_number(value, stat.wait_status);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    return started ? std::optional(stat) : std::nullopt;
}

std::optional<ProcessStat> read_process_stat(pid_t pid) {
    const auto path = "/proc/" + std::to_string(pid) + "/stat";
    const base::UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file)
        return std::nullopt;
    char text[1024];
    const ssize_t size = ::read(file.get(), text, sizeof text);
    if (size <= 0)
        return std::nullopt;
    return parse_process_stat({text, static_cast<std::size_t>(size)});
}

std::optional<ProcessIdentity> identify(pid_t pid) {
    const auto stat = read_process_stat(pid);
    if (!stat)
        return std::nullopt;
    return ProcessIdentity{pid, stat->start_ticks};
}

std::optional<base::UniqueFd> open_verified(const ProcessIdentity &identity) {
    if (identity.pid <= 0)
        return std::nullopt;
    base::UniqueFd pidfd(base::sys_pidfd_open(identity.pid));
    if (!pidfd) {
        if (errno == ESRCH)
            return std::nullopt;
        base::throw_errno("open a descriptor for process", std::to_string(identity.pid));
    }
    // Read after opening: the pidfd pins whoever had the pid then, and a later owner started later.
    if (identify(identity.pid) != identity)
        return std::nullopt;
    return pidfd;
}

} // namespace container
