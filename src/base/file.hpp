// Files and directories, relative to a directory descriptor wherever a name could be swapped under us.
// Everything blocks; every error is a SystemError that names the path.
#pragma once

#include "base/fd.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace base {

namespace fs = std::filesystem;

[[nodiscard]] UniqueFd open_dir(const fs::path &path);
[[nodiscard]] UniqueFd open_dir_at(int dir, const std::string &name);
[[nodiscard]] UniqueFd open_file(const fs::path &path, int flags, mode_t mode = 0644);

// Whole contents. read_file_if returns nullopt only for ENOENT and ENOTDIR.
[[nodiscard]] std::string read_file(const fs::path &path);
[[nodiscard]] std::optional<std::string> read_file_if(const fs::path &path);
[[nodiscard]] std::string read_all(int fd, const std::string &subject);

void write_all(int fd, std::string_view data, const std::string &subject);

enum class Durability {
    rename, // atomic for every reader and across kill -9
    synced, // and across a power cut: file and directory are fsynced
};

// Replaces path as a whole: temporary file beside it, then rename(2).
void write_file_atomic(const fs::path &path, std::string_view data, mode_t mode = 0644,
                       Durability durability = Durability::rename);

// mkdir -p with mode for each directory it makes.
void make_dirs(const fs::path &path, mode_t mode = 0755);

void fsync_dir(const fs::path &path);

// Makes everything on the file systems of these paths survive a power cut, with one commit for each: a sync
// per file takes ten times as long, though this one also waits for what others have written. What is gone is
// left out.
void sync_together(const std::vector<fs::path> &paths);

// Whether the text is what a power cut leaves of a file that was not synced: nothing, or zeros.
[[nodiscard]] bool is_torn(std::string_view text);

// Entries without "." and "..", sorted. A missing directory is empty.
[[nodiscard]] std::vector<std::string> list_dir(const fs::path &path);

// An advisory lock (flock(2), exclusive unless asked otherwise) held for the object's life; the file is
// created if missing.
class FileLock {
  public:
    // Blocks until it is held. @throws SystemError.
    static FileLock acquire(const fs::path &path);
    // nullopt when somebody else holds it.
    static std::optional<FileLock> try_acquire(const fs::path &path);
    // Held together with other shared holders, never with an exclusive one. Blocks until it is.
    static FileLock acquire_shared(const fs::path &path);

  private:
    explicit FileLock(UniqueFd fd) : fd_(std::move(fd)) {}

    UniqueFd fd_;
};

} // namespace base
