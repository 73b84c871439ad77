#include "terminal/terminal.hpp"

#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

Ansi ansi_mode = Ansi::automatic;

constexpr std::array<const char *, 9> codes = {"", "31", "32", "33", "34", "35", "36", "90", "1"};
constexpr std::array<const char *, 10> prefix_codes = {"36",   "33",   "32",   "35",   "34",
                                                       "36;1", "33;1", "32;1", "35;1", "34;1"};

std::string wrapped(std::string_view text, const char *code) {
    return std::string("\033[") + code + "m" + std::string(text) + "\033[0m";
}

bool starts_code_point(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

} // namespace

bool is_terminal(int fd) {
    return ::isatty(fd) == 1;
}

int terminal_width(int fd) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

void set_ansi(Ansi ansi) {
    ansi_mode = ansi;
}

bool colours_on(int fd) {
    if (ansi_mode != Ansi::automatic)
        return ansi_mode == Ansi::always;
    const char *no_color = std::getenv("NO_COLOR");
    return is_terminal(fd) && (no_color == nullptr || *no_color == '\0');
}

std::string coloured(std::string_view text, Colour colour, bool on) {
    if (!on || colour == Colour::none)
        return std::string(text);
    return wrapped(text, codes.at(static_cast<std::size_t>(colour)));
}

std::string prefix_coloured(std::string_view text, std::size_t nth, bool on) {
    return on ? wrapped(text, prefix_codes.at(nth % prefix_codes.size())) : std::string(text);
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\033') {
            while (i < text.size() && text[i] != 'm')
                ++i;
            continue;
        }
        if (starts_code_point(text[i]))
            ++width;
    }
    return width;
}

std::string padded(std::string_view text, std::size_t width) {
    const std::size_t has = display_width(text);
    return std::string(text) + std::string(has < width ? width - has : 0, ' ');
}

std::string truncated(std::string_view text, std::size_t width) {
    if (display_width(text) <= width)
        return std::string(text);
    std::size_t cells = 0;
    std::size_t end = 0;
    while (end < text.size() && (!starts_code_point(text[end]) || ++cells < width))
        ++end;
    return std::string(text.substr(0, end)) + "…";
}

void print(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = ::write(fd, text.data(), text.size());
        if (count >= 0) {
            text.remove_prefix(static_cast<std::size_t>(count));
        } else if (errno == EAGAIN) {
            pollfd ready{fd, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            ::_exit(errno == EPIPE ? 0 : 1);
        }
    }
}

} // namespace cli
