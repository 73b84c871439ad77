// The debug and supervisor log. Off until a sink is opened; never the way an error reaches the user.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string_view>

namespace base::log {

enum class Level { debug, info, warning, error };

// Lines "TIME LEVEL TEXT" appended to the file, which is kept below 1 MiB (one older file is kept).
void open_file(const std::filesystem::path &path, Level least);
void open_stderr(Level least);

[[nodiscard]] bool enabled(Level level);
void write(Level level, std::string_view text);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args &&...args) {
    if (enabled(Level::debug))
        write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void info(fmt::format_string<Args...> format, Args &&...args) {
    if (enabled(Level::info))
        write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void warning(fmt::format_string<Args...> format, Args &&...args) {
    if (enabled(Level::warning))
        write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
void error(fmt::format_string<Args...> format, Args &&...args) {
    if (enabled(Level::error))
        write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

} // namespace base::log
