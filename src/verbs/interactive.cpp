#include "verbs/interactive.hpp"

#include "terminal/terminal.hpp"

#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

// False when nobody takes it any more.
bool write_all(std::string_view rest, int to) {
    while (!rest.empty()) {
        const ssize_t written = ::write(to, rest.data(), rest.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd ready{to, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

} // namespace

std::vector<std::string> given_environment(const Context &context,
                                           const std::vector<std::string> &arguments) {
    std::vector<std::string> env;
    std::map<std::string, std::string> known;
    bool looked = false;
    for (const std::string &argument : arguments) {
        if (argument.find('=') != std::string::npos) {
            env.push_back(argument);
            continue;
        }
        if (!looked)
            known = compose::locate(context.load_options()).environment;
        looked = true;
        if (const auto found = known.find(argument); found != known.end())
            env.push_back(argument + "=" + found->second);
    }
    return env;
}

bool copy_some(int from, int to) {
    std::array<char, 65536> data{};
    const ssize_t count = ::read(from, data.data(), data.size());
    if (count <= 0)
        return count < 0 && (errno == EINTR || errno == EAGAIN);
    return write_all({data.data(), static_cast<std::size_t>(count)}, to);
}

bool copy_some(const base::Input &from, int to) {
    std::array<char, 65536> data{};
    const auto text = from.read(data);
    return text && write_all(*text, to);
}

container::WindowSize window_size() {
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return {size.ws_row, size.ws_col};
    return {};
}

} // namespace cli
