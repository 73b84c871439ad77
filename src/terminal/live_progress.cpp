#include "terminal/live_progress.hpp"

#include "base/units.hpp"
#include "terminal/terminal.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <limits>

namespace cli {

namespace {

constexpr std::size_t most_tail = 6;

struct Look {
    std::string sign;
    Colour colour;
};

Look look_of(ProgressState state, std::size_t frame) {
    static constexpr std::array<const char *, 10> spinner = {"⠋", "⠙", "⠹", "⠸", "⠼",
                                                             "⠴", "⠦", "⠧", "⠇", "⠏"};
    switch (state) {
    case ProgressState::working:
        break;
    case ProgressState::done:
        return {"✔", Colour::green};
    case ProgressState::warning:
        return {"!", Colour::yellow};
    case ProgressState::error:
        return {"✘", Colour::red};
    }
    return {spinner.at(frame % spinner.size()), Colour::blue};
}

bool is_working(const ProgressEvent &event) {
    return event.state == ProgressState::working;
}

} // namespace

void LiveProgress::event(const ProgressEvent &event) {
    Line *line = find(event);
    if (line == nullptr) {
        lines_.push_back({event, Clock::now(), Clock::now()});
        line = &lines_.back();
    }
    line->event = event;
    line->changed = Clock::now();
    draw(screen_rows());
}

void LiveProgress::tick() {
    ++frame_;
    draw(screen_rows());
}

// The last picture is not drawn again, so it may be longer than the screen.
void LiveProgress::finish() {
    if (lines_.empty())
        return;
    erase();
    draw(std::numeric_limits<std::size_t>::max());
    lines_.clear();
    drawn_ = 0;
}

void LiveProgress::message(const std::string &text) {
    erase();
    print(fd(), text + "\n");
    draw(screen_rows());
}

LiveProgress::Line *LiveProgress::find(const ProgressEvent &event) {
    for (Line &line : lines_)
        if (line.event.id == event.id && line.event.parent == event.parent)
            return &line;
    return nullptr;
}

void LiveProgress::erase() {
    if (drawn_ > 0)
        print(fd(), fmt::format("\033[{}A\r\033[J", drawn_));
    drawn_ = 0;
}

std::size_t LiveProgress::screen_rows() const {
    winsize size{};
    return ::ioctl(fd(), TIOCGWINSZ, &size) == 0 && size.ws_row > 4 ? size.ws_row - 2U : 22;
}

void LiveProgress::draw(std::size_t most) {
    if (lines_.empty())
        return;
    const auto width = static_cast<std::size_t>(terminal_width(fd()));
    std::size_t done = 0;
    std::size_t total = 0;
    for (const Line &line : lines_) {
        total += line.event.parent.empty() ? 1 : 0;
        done += line.event.parent.empty() && !is_working(line.event) ? 1 : 0;
    }
    const std::vector<const Line *> lines = shown(most);
    std::size_t widest = 0;
    for (const Line *line : lines)
        widest = std::max(widest, display_width(line->event.id) + (line->event.parent.empty() ? 0 : 2));
    widest = std::min(widest, width > 40 ? width - 20 : width / 2);
    const auto printing = std::count_if(lines.begin(), lines.end(), [](const Line *line) {
        return is_working(line->event) && !line->event.tail.empty();
    });
    const std::size_t spare = most - lines.size();
    const std::size_t tail =
        printing == 0 ? 0 : std::min(most_tail, spare / static_cast<std::size_t>(printing));

    std::string text = drawn_ > 0 ? fmt::format("\033[{}A\r", drawn_) : "\r";
    text += "\033[?25l" + fmt::format("[+] {} {}/{}\033[K\n", title_, done, total);
    std::size_t rows = 1;
    for (const Line *line : lines) {
        text += row(*line, widest, width) + "\033[K\n";
        ++rows;
        const std::vector<std::string> &printed = line->event.tail;
        if (!is_working(line->event))
            continue;
        for (std::size_t i = printed.size() - std::min(printed.size(), tail); i < printed.size(); ++i) {
            const std::string cut = truncated(printed[i], width > 8 ? width - 8 : 1);
            text += "     " + coloured("│ " + cut, Colour::grey, colours_on(fd())) + "\033[K\n";
            ++rows;
        }
    }
    text += "\033[J\033[?25h";
    print(fd(), text);
    drawn_ = rows;
}

std::vector<const LiveProgress::Line *> LiveProgress::shown(std::size_t most) const {
    std::vector<const Line *> ordered;
    for (const Line &line : lines_) {
        if (!line.event.parent.empty())
            continue;
        ordered.push_back(&line);
        for (const Line &child : lines_)
            if (child.event.parent == line.event.id && (is_working(line.event) || child.event.lasting))
                ordered.push_back(&child);
    }
    // What is over makes room, the oldest first, and the order stays.
    std::size_t excess = ordered.size() - std::min(ordered.size(), most);
    std::erase_if(ordered, [&](const Line *line) {
        const bool leave = excess > 0 && line->event.state == ProgressState::done;
        excess -= leave ? 1 : 0;
        return leave;
    });
    ordered.resize(std::min(ordered.size(), most));
    return ordered;
}

std::string LiveProgress::row(const Line &line, std::size_t widest, std::size_t width) const {
    const ProgressEvent &event = line.event;
    const bool colour = colours_on(fd());
    const Look look = look_of(event.state, frame_);
    const auto end = is_working(event) ? Clock::now() : line.changed;
    const std::string time = fmt::format("{:.1f}s", std::chrono::duration<double>(end - line.since).count());
    const std::string indent = event.parent.empty() ? " " : "   ";
    const std::size_t name_width = widest - std::min(widest, indent.size() - 1);
    const std::string name = padded(truncated(event.id, name_width), name_width) + "  ";
    std::string status = event.text;
    if (event.total > 0 && is_working(event))
        status += fmt::format(" {}/{}", base::format_size({static_cast<std::int64_t>(event.current)}),
                              base::format_size({static_cast<std::int64_t>(event.total)}));
    if (!event.detail.empty())
        status += (status.empty() ? "" : "  ") + event.detail;
    const std::size_t used = indent.size() + 2 + display_width(name) + time.size() + 1;
    const std::size_t left = width > used ? width - used : 1;
    status = padded(truncated(status, left), left);
    return indent + coloured(look.sign, look.colour, colour) + " " + name
           + coloured(status, look.colour, colour) + " " + coloured(time, Colour::blue, colour);
}

} // namespace cli
