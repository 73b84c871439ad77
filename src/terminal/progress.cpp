#include "terminal/progress.hpp"

#include "base/json.hpp"
#include "base/units.hpp"
#include "terminal/terminal.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <unistd.h>
#include <vector>

namespace cli {

namespace {

using Clock = std::chrono::steady_clock;

class PlainProgress : public Progress {
  public:
    using Progress::Progress;

    void event(const ProgressEvent &event) override {
        // Byte counts would flood a pipe: a line only where the phase changes.
        const std::string key = event.parent + "\n" + event.id;
        std::string &last = last_[key];
        if (last == event.text + event.detail)
            return;
        last = event.text + event.detail;
        if (!event.parent.empty() && event.state == ProgressState::working)
            return;
        std::string line = " " + event.id + "  " + event.text;
        if (!event.detail.empty())
            line += "  " + event.detail;
        print(fd(), line + "\n");
    }

    void message(const std::string &line) override { print(fd(), line + "\n"); }

  private:
    std::map<std::string, std::string> last_;
};

class JsonProgress : public Progress {
  public:
    using Progress::Progress;

    void event(const ProgressEvent &event) override {
        static constexpr std::array<const char *, 4> names = {"Working", "Done", "Warning", "Error"};
        base::Json line{{"id", event.id}};
        if (!event.parent.empty())
            line["parent_id"] = event.parent;
        line["status"] = names.at(static_cast<std::size_t>(event.state));
        line["text"] = event.text;
        if (!event.detail.empty())
            line["details"] = event.detail;
        if (event.total > 0) {
            line["current"] = event.current;
            line["total"] = event.total;
        }
        print(fd(), base::dump_json(line) + "\n");
    }

    void message(const std::string &text) override {
        print(fd(), base::dump_json(base::Json{{"message", text}}) + "\n");
    }
};

class QuietProgress : public Progress {
  public:
    using Progress::Progress;

    void event(const ProgressEvent &) override {}

    void message(const std::string &line) override { print(fd(), line + "\n"); }
};

class TerminalProgress : public Progress {
  public:
    TerminalProgress(int fd, std::string title) : Progress(fd), title_(std::move(title)) {}

    ~TerminalProgress() override { TerminalProgress::finish(); }

    void event(const ProgressEvent &event) override {
        Line *line = find(event);
        if (line == nullptr) {
            lines_.push_back({event, Clock::now(), Clock::now()});
            line = &lines_.back();
        }
        line->event = event;
        line->changed = Clock::now();
        draw();
    }

    void tick() override {
        ++frame_;
        draw();
    }

    void finish() override {
        if (lines_.empty())
            return;
        draw();
        lines_.clear();
        drawn_ = 0;
    }

    void message(const std::string &text) override {
        erase();
        print(fd(), text + "\n");
        draw();
    }

  private:
    struct Line {
        ProgressEvent event;
        Clock::time_point since;
        Clock::time_point changed;
    };

    Line *find(const ProgressEvent &event) {
        for (Line &line : lines_)
            if (line.event.id == event.id && line.event.parent == event.parent)
                return &line;
        return nullptr;
    }

    void erase() {
        if (drawn_ > 0)
            print(fd(), fmt::format("\033[{}A\r\033[J", drawn_));
        drawn_ = 0;
    }

    void draw() {
        if (lines_.empty())
            return;
        const auto width = static_cast<std::size_t>(terminal_width(fd()));
        const bool colour = colours_on(fd());
        std::size_t done = 0;
        std::size_t total = 0;
        std::size_t widest = 0;
        for (const Line &line : lines_) {
            if (!line.event.parent.empty())
                continue;
            ++total;
            done += line.event.state != ProgressState::working ? 1 : 0;
            widest = std::max(widest, display_width(line.event.id));
        }
        std::string text = drawn_ > 0 ? fmt::format("\033[{}A\r", drawn_) : "\r";
        text += "\033[?25l" + fmt::format("[+] {} {}/{}\033[K\n", title_, done, total);
        std::size_t rows = 1;
        for (const Line &line : visible()) {
            text += row(line, widest, width, colour) + "\033[K\n";
            ++rows;
        }
        text += "\033[J\033[?25h";
        print(fd(), text);
        drawn_ = rows;
    }

    // What fits the screen: the running ones first when not all do.
    [[nodiscard]] std::vector<Line> visible() const {
        winsize size{};
        const std::size_t rows =
            ::ioctl(fd(), TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row - 2U : 22;
        std::vector<Line> ordered;
        for (const Line &line : lines_) {
            if (!line.event.parent.empty())
                continue;
            ordered.push_back(line);
            for (const Line &child : lines_)
                if (child.event.parent == line.event.id && line.event.state == ProgressState::working)
                    ordered.push_back(child);
        }
        if (ordered.size() > rows)
            std::stable_partition(ordered.begin(), ordered.end(),
                                  [](const Line &line) { return line.event.state != ProgressState::done; });
        ordered.resize(std::min(ordered.size(), rows));
        return ordered;
    }

    [[nodiscard]] std::string row(const Line &line, std::size_t widest, std::size_t width,
                                  bool colour) const {
        static constexpr std::array<const char *, 10> spinner = {"⠋", "⠙", "⠹", "⠸", "⠼",
                                                                 "⠴", "⠦", "⠧", "⠇", "⠏"};
        const ProgressEvent &event = line.event;
        std::string sign;
        Colour shade = Colour::blue;
        switch (event.state) {
        case ProgressState::working:
            sign = spinner.at(frame_ % spinner.size());
            break;
        case ProgressState::done:
            sign = "✔";
            shade = Colour::green;
            break;
        case ProgressState::warning:
            sign = "!";
            shade = Colour::yellow;
            break;
        case ProgressState::error:
            sign = "✘";
            shade = Colour::red;
            break;
        }
        const auto end = event.state == ProgressState::working ? Clock::now() : line.changed;
        const double seconds = std::chrono::duration<double>(end - line.since).count();
        const std::string time = fmt::format("{:.1f}s", seconds);
        std::string left =
            (event.parent.empty() ? " " : "   ") + sign + " " + padded(event.id, widest) + "  ";
        std::string status = event.text;
        if (event.total > 0 && event.state == ProgressState::working)
            status += fmt::format(" {}/{}", base::format_size({static_cast<std::int64_t>(event.current)}),
                                  base::format_size({static_cast<std::int64_t>(event.total)}));
        if (!event.detail.empty())
            status += "  " + event.detail;
        const std::size_t used = display_width(left) + time.size() + 1;
        status = padded(truncated(status, width > used ? width - used : 1), width > used ? width - used : 1);
        const std::size_t sign_at = left.find(sign);
        left.replace(sign_at, sign.size(), coloured(sign, shade, colour));
        return left + coloured(status, shade, colour) + " " + coloured(time, Colour::blue, colour);
    }

    std::string title_;
    std::vector<Line> lines_;
    std::size_t drawn_ = 0;
    std::size_t frame_ = 0;
};

} // namespace

std::unique_ptr<Progress> make_progress(ProgressMode mode, const std::string &title, int fd) {
    if (mode == ProgressMode::automatic)
        mode = is_terminal(fd) ? ProgressMode::tty : ProgressMode::plain;
    switch (mode) {
    case ProgressMode::tty:
        return std::make_unique<TerminalProgress>(fd, title);
    case ProgressMode::json:
        return std::make_unique<JsonProgress>(fd);
    case ProgressMode::quiet:
        return std::make_unique<QuietProgress>(fd);
    default:
        return std::make_unique<PlainProgress>(fd);
    }
}

} // namespace cli
