// The progress of one build. As lines: what starts, what it prints with the time since its start, how it
// ended. On a terminal as a picture: each step with what it printed last. And at the end of one that failed
// the failing step's output.
#pragma once

#include "engine/build/build_options.hpp"
#include "terminal/progress.hpp"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace cli {

// What builds that run together share: the lines or the picture, and the numbers of their steps.
class BuildDisplay {
  public:
    enum class Mode { shown, json, quiet };

    // Lines go to progress, beside what it shows; the picture, where it is live, is part of it.
    BuildDisplay(Progress &progress, Mode mode);

    // What is shown of an image as a whole. Thread-safe.
    void image(const std::string &name, ProgressState state, const std::string &text);

    // Leaves the last picture. Thread-safe.
    void finish();

  private:
    friend class BuildProgress;

    [[nodiscard]] bool has_lines() const { return mode_ == Mode::shown && !progress_.is_live(); }

    [[nodiscard]] bool has_picture() const { return mode_ == Mode::shown && progress_.is_live(); }

    Progress &progress_;
    const Mode mode_;
    std::mutex mutex_;
    std::size_t steps_ = 0;
    std::condition_variable_any stop_;
    std::jthread ticking_; // ends first
};

class BuildProgress {
  public:
    using Mode = BuildDisplay::Mode;

    // @param platform shown with the steps; empty where a build has one only.
    BuildProgress(BuildDisplay &display, std::string image, std::string service, std::string platform)
        : display_(display), image_(std::move(image)), service_(std::move(service)),
          platform_(std::move(platform)) {}

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
    void picture(const Step &step, const build::BuildEvent &event, ProgressState state,
                 const std::string &text) const;
    void json(const Step &step, const build::BuildEvent &event, const char *status);
    [[nodiscard]] std::string title(const build::BuildEvent &event) const;

    BuildDisplay &display_;
    std::string image_, service_, platform_;
    std::map<std::size_t, Step> steps_;
    std::string failed_; // the title
    std::deque<std::string> failed_output_;
};

} // namespace cli
