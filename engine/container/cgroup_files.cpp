#include "engine/container/cgroup_files.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace container::cgroup_files {

namespace {

std::optional<std::int64_t> to_number(std::string_view text) {
    std::int64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
        return std::nullopt;
    return value;
}

std::optional<std::string> read_from_start(int fd, const char *file) {
    std::string text;
    char buffer[4096];
    for (;;) {
        const ssize_t size = ::pread(fd, buffer, sizeof buffer, static_cast<off_t>(text.size()));
        if (size < 0 && errno == ENODEV) // the group was removed
            return std::nullopt;
        if (base::check(size, "read", file) == 0)
            return text;
        text.append(buffer, static_cast<std::size_t>(size));
    }
}

// Returns 0, also when it is there already, or the errno.
int make_dir(const std::filesystem::path &path) {
    return ::mkdir(path.c_str(), 0755) < 0 && errno != EEXIST ? errno : 0;
}

} // namespace

std::optional<std::string> read(int dir, const char *file) {
    const base::UniqueFd fd(::openat(dir, file, O_RDONLY | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT || errno == ENODEV)
            return std::nullopt;
        base::throw_errno("open", file);
    }
    return read_from_start(fd.get(), file);
}

std::optional<std::int64_t> read_number(int dir, const char *file) {
    const auto text = read(dir, file);
    return text ? to_number(*text) : std::nullopt;
}

std::optional<std::int64_t> find_key(std::string_view text, std::string_view key) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        if (line.size() > key.size() && line.starts_with(key) && line[key.size()] == ' ')
            return to_number(line.substr(key.size() + 1));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
    }
    return std::nullopt;
}

std::optional<std::int64_t> read_key(int dir, const char *file, std::string_view key) {
    const auto text = read(dir, file);
    return text ? find_key(*text, key) : std::nullopt;
}

int write(int dir, const char *file, std::string_view value) {
    const base::UniqueFd fd(::openat(dir, file, O_WRONLY | O_CLOEXEC));
    if (!fd)
        return errno;
    return ::write(fd.get(), value.data(), value.size()) < 0 ? errno : 0;
}

bool exists(int dir, const char *file) {
    return ::faccessat(dir, file, F_OK, 0) == 0;
}

std::vector<std::string> children(int dir) {
    std::vector<std::string> names;
    const int copy = ::openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = copy >= 0 ? ::fdopendir(copy) : nullptr;
    if (stream == nullptr) {
        base::UniqueFd close_on_return(copy);
        if (errno == ENOENT || errno == ENODEV)
            return names;
        base::throw_errno("read", "cgroup directory");
    }
    while (const dirent *entry = ::readdir(stream))
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            names.emplace_back(entry->d_name);
    ::closedir(stream);
    std::sort(names.begin(), names.end());
    return names;
}

void collect_processes(int dir, std::vector<pid_t> &into) {
    const auto text = read(dir, "cgroup.procs").value_or("");
    for (std::size_t start = 0; start < text.size(); start = text.find('\n', start) + 1)
        if (const auto pid = to_number(std::string_view(text).substr(start)); pid && *pid > 0)
            into.push_back(static_cast<pid_t>(*pid));
    for (const auto &name : children(dir)) {
        const base::UniqueFd child(::openat(dir, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (child)
            collect_processes(child.get(), into);
    }
}

base::UniqueFd make_group(const std::filesystem::path &base, const std::string &relative) {
    constexpr int attempts = 20;
    const auto whole = base / relative;
    for (int attempt = 1;; ++attempt) {
        int error = make_dir(whole);
        if (error == ENOENT) {
            auto parent = base;
            for (const auto &part : std::filesystem::path(relative).parent_path())
                (void)make_dir(parent /= part); // a failure shows in the next line
            error = make_dir(whole);
        }
        if (error == 0)
            if (auto dir = open_if(whole))
                return std::move(*dir);
        if ((error != 0 && error != ENOENT) || attempt == attempts)
            throw base::SystemError("make control group", error != 0 ? error : ENOENT, whole.string(),
                                    error == EROFS || error == EACCES ? "mount the cgroup hierarchy writable"
                                                                      : "");
    }
}

std::optional<base::UniqueFd> open_if(const std::filesystem::path &path) {
    base::UniqueFd dir(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!dir) {
        if (errno == ENOENT)
            return std::nullopt;
        base::throw_errno("open control group", path.string());
    }
    return dir;
}

int remove_group(const std::filesystem::path &path) {
    if (::rmdir(path.c_str()) == 0 || errno == ENOENT)
        return 0;
    if (errno != EBUSY && errno != ENOTEMPTY)
        return errno;
    const auto dir = open_if(path);
    if (!dir)
        return 0;
    for (const auto &name : children(dir->get()))
        if (const int error = remove_group(path / name); error != 0)
            return error;
    return ::rmdir(path.c_str()) == 0 || errno == ENOENT ? 0 : errno;
}

bool wait_for(int events, std::string_view key, std::int64_t value,
              std::chrono::steady_clock::time_point deadline) {
    for (;;) {
        const auto text = read_from_start(events, "cgroup.events");
        if (!text || find_key(*text, key) == value)
            return true;
        pollfd waiting{events, POLLPRI, 0};
        const int ready = ::poll(&waiting, 1, milliseconds_until(deadline));
        if (ready == 0)
            return false;
        if (ready < 0 && errno != EINTR)
            base::throw_errno("wait for", "cgroup.events");
    }
}

int milliseconds_until(std::chrono::steady_clock::time_point deadline) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

} // namespace container::cgroup_files
