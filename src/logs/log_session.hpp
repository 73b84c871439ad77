// The logs of a project's containers while they run: finds containers as they appear, and prints what is new
// when the kernel says that something was written (inotify(7)).
#pragma once

#include "base/fd.hpp"
#include "base/paths.hpp"
#include "logs/log_printer.hpp"
#include "supervisor/observer.hpp"

#include <functional>
#include <set>
#include <string>

namespace cli {

class LogSession {
  public:
    using Filter = std::function<bool(const supervisor::ContainerInfo &)>;

    // Containers there now are read by `range`, later ones from their beginning (or range.since).
    LogSession(const base::Paths &paths, std::string project, LogStyle style, Filter filter, LogRange range);

    // Readable when something changed: then call pump().
    [[nodiscard]] int fd() const { return inotify_.get(); }

    // Looks for new containers and prints what is there.
    void pump();
    // Prints the rest of the unfinished lines of a container (by id), or of all.
    void flush(const std::string &id);

    void flush_all() { printer_.flush_all(); }

  private:
    void watch(const std::filesystem::path &directory);
    void scan();
    bool drain_notifications();

    base::Paths paths_;
    std::string project_;
    Filter filter_;
    LogRange range_;
    LogPrinter printer_;
    base::UniqueFd inotify_;
    std::filesystem::path containers_;
    std::set<std::string> seen_;
    bool first_scan_ = true;
};

} // namespace cli
