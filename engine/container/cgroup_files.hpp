// The small files of a cgroup directory, by descriptor. Kernel attributes: one write is one whole value.
#pragma once

#include "base/fd.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace container::cgroup_files {

// nullopt when the file does not exist. @throws base::SystemError for the rest.
[[nodiscard]] std::optional<std::string> read(int dir, const char *file);
[[nodiscard]] std::optional<std::int64_t> read_number(int dir, const char *file); // "max" is nullopt too
// The number after `key` in "key number" lines; nullopt when either is missing.
[[nodiscard]] std::optional<std::int64_t> read_key(int dir, const char *file, std::string_view key);
[[nodiscard]] std::optional<std::int64_t> find_key(std::string_view text, std::string_view key);

// Returns 0 or the errno.
[[nodiscard]] int write(int dir, const char *file, std::string_view value);
[[nodiscard]] bool exists(int dir, const char *file);

// Names of the child groups.
[[nodiscard]] std::vector<std::string> children(int dir);
// Processes of this group and all below.
void collect_processes(int dir, std::vector<pid_t> &into);

// Makes base/relative, again when another process removes a parent meanwhile. @throws base::SystemError.
[[nodiscard]] base::UniqueFd make_group(const std::filesystem::path &base, const std::string &relative);
[[nodiscard]] std::optional<base::UniqueFd> open_if(const std::filesystem::path &path);

// rmdir of everything below `path` and itself. Returns 0 (also when missing) or the errno of the first
// failure.
[[nodiscard]] int remove_group(const std::filesystem::path &path);

// Blocks until cgroup.events, open at `events`, says KEY VALUE; false when the deadline came first.
[[nodiscard]] bool wait_for(int events, std::string_view key, std::int64_t value,
                            std::chrono::steady_clock::time_point deadline);

// Milliseconds for poll(2), at least 0.
[[nodiscard]] int milliseconds_until(std::chrono::steady_clock::time_point deadline);

} // namespace container::cgroup_files
