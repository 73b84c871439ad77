// The progress of one build as lines: what starts, what it prints with the time since its start, how it
// ended; and at the end of one that failed the failing step's output again.
#pragma once

#include "engine/build/build_options.hpp"
#include "terminal/progress.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>

namespace cli {

// What builds that run together share: the lines, and the numbers of their steps.
class BuildDisplay {
  public:
    enum class Mode { lines, json, quiet };

    // Lines go to progress, beside what it shows.
    BuildDisplay(Progress &progress, Mode mode) : progress_(progress), mode_(mode) {}

    // What is shown of an image as a whole. Thread-safe.
    void image(const std::string &name, ProgressState state, const std::string &text);

  private:
    friend class BuildProgress;

    Progress &progress_;
    const Mode mode_;
    std::mutex mutex_;
    std::size_t steps_ = 0;
};

class BuildProgress {
  public:
    using Mode = BuildDisplay::Mode;

    // @param platform shown with the steps; empty where a build has one only.
    BuildProgress(BuildDisplay &display, std::string service, std::string platform)
        : display_(display), service_(std::move(service)), platform_(std::move(platform)) {}

    // Thread-safe.
    void event(const build::BuildEvent &event);

    // What the step that failed had printed. Also in quiet mode.
    void show_failure();

  private:
    struct Step {
        std::size_t number = 0; // among those of all builds
        std::string unfinished; // a line without its end
        std::deque<std::string> last;
        std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    };

    void output(const build::BuildEvent &event, Step &step);
    void line(const Step &step, const std::string &text);
    void json(const Step &step, const build::BuildEvent &event, const char *status);
    [[nodiscard]] std::string title(const build::BuildEvent &event) const;

    BuildDisplay &display_;
    std::string service_, platform_;
    std::map<std::size_t, Step> steps_;
    std::string failed_; // the title
    std::deque<std::string> failed_output_;
};

} // namespace cli
