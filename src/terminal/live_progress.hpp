// Progress on a terminal: a line for each thing that goes on, drawn again in place as it changes.
#pragma once

#include "terminal/progress.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace cli {

class LiveProgress : public Progress {
  public:
    LiveProgress(int fd, std::string title) : Progress(fd), title_(std::move(title)) {}

    ~LiveProgress() override { LiveProgress::finish(); }

    void event(const ProgressEvent &event) override;
    void tick() override;
    void finish() override;
    void message(const std::string &text) override;

    [[nodiscard]] bool is_live() const override { return true; }

  private:
    using Clock = std::chrono::steady_clock;

    struct Line {
        ProgressEvent event;
        Clock::time_point since;
        Clock::time_point changed;
    };

    [[nodiscard]] Line *find(const ProgressEvent &event);
    void erase();
    // @param most rows below the title; what does not fit is left out, what is over first.
    void draw(std::size_t most);
    [[nodiscard]] std::size_t screen_rows() const;
    [[nodiscard]] std::vector<const Line *> shown(std::size_t most) const;
    [[nodiscard]] std::string row(const Line &line, std::size_t widest, std::size_t width) const;

    std::string title_;
    std::vector<Line> lines_;
    std::size_t drawn_ = 0;
    std::size_t frame_ = 0;
};

} // namespace cli
