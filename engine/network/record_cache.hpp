// Records read from files that others replace by rename: read again only when the file is another one. A
// file younger than the clock's granularity is never trusted, for it may be replaced within the same tick.
#pragma once

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/json.hpp"

#include <sys/stat.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace network {

struct FileStamp {
    ino_t inode = 0;
    off_t size = 0;
    std::chrono::nanoseconds modified{}; // since the epoch

    // nullopt when there is no such file.
    static std::optional<FileStamp> of(const base::fs::path &path);
    // Whether a later file can't have the same stamp.
    [[nodiscard]] bool settled() const;

    bool operator==(const FileStamp &) const = default;
};

template <typename T>
class RecordCache {
  public:
    // nullopt for a missing file, and for a torn one: a power cut may leave that, and what it recorded was in
    // the kernel only and went with the power.
    template <typename Parse>
    std::optional<T> read(const base::fs::path &path, const Parse &parse) {
        const auto stamp = FileStamp::of(path);
        const auto kept = entries_.find(path);
        if (stamp && kept != entries_.end() && kept->second.stamp == *stamp)
            return kept->second.value;
        if (kept != entries_.end())
            entries_.erase(kept);
        const auto text = base::read_file_if(path);
        if (!stamp || !text || base::is_torn(*text))
            return std::nullopt;
        T value = parse(base::parse_json(*text, path.string()), path.string());
        if (stamp->settled())
            entries_[path] = {*stamp, value};
        return value;
    }

  private:
    struct Entry {
        FileStamp stamp;
        T value;
    };

    std::map<base::fs::path, Entry> entries_;
};

} // namespace network
