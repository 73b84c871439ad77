#include "logs/log_session.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "verbs/project_state.hpp"

#include <sys/inotify.h>

#include <array>
#include <unistd.h>

namespace cli {

LogSession::LogSession(const base::Paths &paths, std::string project, LogStyle style, Filter filter,
                       LogRange range)
    : paths_(paths), project_(std::move(project)), filter_(std::move(filter)), range_(range), printer_(style),
      inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
      containers_(paths.project(project_) / "containers") {
    base::check(inotify_.get(), "watch logs", "");
    // The directory is made here if need be, so that the first container is not missed.
    base::make_dirs(containers_, 0700);
    watch(containers_);
    scan();
}

void LogSession::watch(const std::filesystem::path &directory) {
    constexpr std::uint32_t events = IN_MODIFY | IN_CREATE | IN_MOVED_TO;
    if (::inotify_add_watch(inotify_.get(), directory.c_str(), events) < 0 && errno != ENOENT)
        throw base::SystemError("watch", errno, directory.string(),
                                "raise fs.inotify.max_user_watches, or follow fewer services");
}

void LogSession::scan() {
    for (const std::string &id : base::list_dir(containers_)) {
        const auto directory = containers_ / id;
        if (id.size() != 64 || seen_.contains(id))
            continue;
        auto spec = container::read_spec(directory);
        if (!spec)
            continue;
        seen_.insert(id);
        supervisor::ContainerInfo info;
        info.directory = directory;
        info.spec = std::move(*spec);
        if (!filter_(info))
            continue;
        watch(directory);
        LogRange range = range_;
        if (!first_scan_)
            range.tail.reset();
        printer_.add(directory, short_name(info.spec), range);
    }
    first_scan_ = false;
}

bool LogSession::drain_notifications() {
    std::array<char, 16384> events{};
    bool directory_changed = false;
    while (true) {
        const ssize_t size = ::read(inotify_.get(), events.data(), events.size());
        if (size <= 0)
            return directory_changed;
        for (ssize_t at = 0; at < size;) {
            inotify_event event{};
            std::copy_n(events.data() + at, sizeof event, reinterpret_cast<char *>(&event));
            directory_changed =
                directory_changed || (event.mask & (IN_CREATE | IN_MOVED_TO | IN_Q_OVERFLOW)) != 0;
            at += static_cast<ssize_t>(sizeof event + event.len);
        }
    }
}

void LogSession::pump() {
    if (drain_notifications())
        scan();
    printer_.pump();
}

void LogSession::flush(const std::string &id) {
    printer_.flush(containers_ / id);
}

} // namespace cli
