// Reads a file the user named, refusing what cannot be text before any parser sees it. Blocks.
#pragma once

#include "compose/diagnostic.hpp"
#include "compose/source.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace compose {

inline constexpr std::size_t largest_source = std::size_t{16} << 20;

enum class SourceKind {
    yaml,
    env_file, // control characters are values like others
};

// `shown` is the name in messages. nullptr when it can't be read, is larger than largest_source, is not UTF-8
// or contains what the kind forbids; the reason is then among the diagnostics. A byte order mark is dropped.
[[nodiscard]] std::shared_ptr<const Source> read_source(const std::filesystem::path &path, std::string shown,
                                                        SourceKind kind, Diagnostics &diagnostics);

// The same for standard input.
[[nodiscard]] std::shared_ptr<const Source> read_standard_input(Diagnostics &diagnostics);

// The checks alone, for text that is already in memory.
[[nodiscard]] std::shared_ptr<const Source> check_source(std::string text, std::string shown, SourceKind kind,
                                                         Diagnostics &diagnostics);

// path as messages show it: relative to working_dir when that is shorter.
[[nodiscard]] std::string shown_path(const std::filesystem::path &path,
                                     const std::filesystem::path &working_dir);

} // namespace compose
