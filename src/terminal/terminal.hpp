// What the output streams are and how text is coloured on them.
#pragma once

#include <string>
#include <string_view>

namespace cli {

enum class Colour { none, red, green, yellow, blue, magenta, cyan, grey, bold };

// --ansi and NO_COLOR. Decided once at start.
enum class Ansi { automatic, always, never };

[[nodiscard]] bool is_terminal(int fd);
// Columns of the terminal on fd, 80 when it isn't one.
[[nodiscard]] int terminal_width(int fd);

void set_ansi(Ansi ansi);
[[nodiscard]] bool colours_on(int fd);

// text within escape codes, or as it is when on is false.
[[nodiscard]] std::string coloured(std::string_view text, Colour colour, bool on);
// The colour of the nth log prefix, as Docker Compose rotates them.
[[nodiscard]] std::string prefix_coloured(std::string_view text, std::size_t nth, bool on);

// Cells the text takes: UTF-8 code points without escape codes.
[[nodiscard]] std::size_t display_width(std::string_view text);
[[nodiscard]] std::string padded(std::string_view text, std::size_t width);
// Cut to width cells, with an ellipsis when something was cut.
[[nodiscard]] std::string truncated(std::string_view text, std::size_t width);

// Writes everything, also to a pipe that closes early (then the process ends quietly, as `| head` wants).
void print(int fd, std::string_view text);

} // namespace cli
