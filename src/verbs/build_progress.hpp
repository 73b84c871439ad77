// The progress of one build as lines: what starts, what it prints with the time since its start, how it
// ended; and at the end of one that failed the failing step's output again.
#pragma once

#include "engine/build/build_options.hpp"
#include "terminal/progress.hpp"

#include <deque>
#include <map>
#include <string>

namespace cli {

class BuildProgress {
  public:
    enum class Mode { lines, json, quiet };

    // Lines go to progress, beside what it shows.
    BuildProgress(Progress &progress, std::string service, Mode mode)
        : progress_(progress), service_(std::move(service)), mode_(mode) {}

    void event(const build::BuildEvent &event);

    // What the step that failed had printed. Also in quiet mode.
    void show_failure();

  private:
    struct Step {
        std::string unfinished; // a line without its end
        std::deque<std::string> last;
        std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
    };

    void output(const build::BuildEvent &event, Step &step);
    void line(const build::BuildEvent &event, const std::string &text);
    void json(const build::BuildEvent &event, const char *status);
    [[nodiscard]] std::string title(const build::BuildEvent &event) const;

    Progress &progress_;
    std::string service_;
    Mode mode_;
    std::map<std::size_t, Step> steps_;
    std::string failed_; // the title
    std::deque<std::string> failed_output_;
};

} // namespace cli
