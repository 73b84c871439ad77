#include "engine/build/stat_cache.hpp"

#include "base/file.hpp"

#include <charconv>
#include <ctime>

namespace build {

namespace {

constexpr std::string_view first_line = "compose stat cache 1\n";
constexpr std::int64_t coarse_clock = 20'000'000; // ns; two ticks of the slowest kernel clock
constexpr std::size_t digest_digits = 64;

std::int64_t nanoseconds(const timespec &time) {
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

std::int64_t now() {
    timespec time{};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return nanoseconds(time);
}

template <typename Number>
bool take_number(std::string_view &text, Number &number) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc() || read.ptr == text.data() + text.size() || *read.ptr != ' ')
        return false;
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()) + 1);
    return true;
}

} // namespace

bool StatCache::Entry::matches(const struct stat &status) const {
    return size == status.st_size && inode == status.st_ino && mtime == nanoseconds(status.st_mtim)
           && ctime == nanoseconds(status.st_ctim);
}

StatCache::StatCache(std::filesystem::path file) : file_(std::move(file)) {
    if (const auto text = base::read_file_if(file_))
        load(*text);
}

// "PATH\0SIZE MTIME CTIME INODE DIGEST\n": a path may hold anything else.
void StatCache::load(std::string_view text) {
    if (!text.starts_with(first_line))
        return;
    text.remove_prefix(first_line.size());
    while (!text.empty()) {
        const std::size_t end = text.find('\0');
        if (end == std::string_view::npos)
            break;
        const std::string_view path = text.substr(0, end);
        text.remove_prefix(end + 1);
        Entry entry;
        if (!take_number(text, entry.size) || !take_number(text, entry.mtime)
            || !take_number(text, entry.ctime) || !take_number(text, entry.inode)
            || text.size() <= digest_digits || text[digest_digits] != '\n')
            break;
        entry.digest = text.substr(0, digest_digits);
        text.remove_prefix(digest_digits + 1);
        entries_.emplace(path, std::move(entry));
    }
}

std::string StatCache::digest(const std::string &path, const struct stat &status,
                              const std::function<std::string()> &read) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(path);
        if (found != entries_.end() && found->second.matches(status))
            return found->second.digest;
    }
    const std::int64_t began = now();
    std::string digest = read();
    const bool settled = nanoseconds(status.st_ctim) < began - coarse_clock;
    const std::lock_guard lock(mutex_);
    changed_ = true;
    if (settled)
        entries_[path] = {status.st_size, nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
                          status.st_ino, digest};
    else
        entries_.erase(path);
    return digest;
}

void StatCache::save() {
    const std::lock_guard lock(mutex_);
    if (!changed_ || file_.empty())
        return;
    std::string text(first_line);
    for (const auto &[path, entry] : entries_) {
        text += path;
        text += '\0';
        for (const auto number : {entry.size, entry.mtime, entry.ctime})
            text += std::to_string(number) + " ";
        text += std::to_string(entry.inode) + " " + entry.digest + "\n";
    }
    base::make_dirs(file_.parent_path(), 0700);
    base::write_file_atomic(file_, text, 0600);
    changed_ = false;
}

} // namespace build
