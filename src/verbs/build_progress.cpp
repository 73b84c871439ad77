#include "verbs/build_progress.hpp"

#include "base/json.hpp"
#include "terminal/terminal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t kept_lines = 100;
constexpr std::size_t tail_lines = 6;
constexpr std::chrono::milliseconds tick_interval{100};

double seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

// As it would stand on a terminal, without what moves the cursor or colours: of a line that was written over
// with carriage returns the last writing.
std::string plain(std::string_view text) {
    const std::size_t over = text.substr(0, text.find_last_not_of('\r') + 1).rfind('\r');
    std::string result;
    for (std::size_t i = over == std::string_view::npos ? 0 : over + 1; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte == '\033' && i + 1 < text.size() && text[i + 1] == '[') {
            i += 2;
            while (i < text.size() && (text[i] < '@' || text[i] > '~'))
                ++i;
        } else if (byte == '\t' || byte == '\n') {
            result += ' ';
        } else if (byte >= ' ' && byte != 0x7f) {
            result += text[i];
        }
    }
    return result;
}

} // namespace

BuildDisplay::BuildDisplay(Progress &progress, Mode mode) : progress_(progress), mode_(mode) {
    if (!has_picture())
        return;
    ticking_ = std::jthread([this](const std::stop_token &stop) {
        std::unique_lock lock(mutex_);
        while (!stop.stop_requested()) {
            stop_.wait_for(lock, stop, tick_interval, [] { return false; });
            progress_.tick();
        }
    });
}

// "[stage-0 2/4] RUN make" of the service web is "[web stage-0 2/4] RUN make", or "[web linux/arm64 stage-0
// 2/4]".
std::string BuildProgress::title(const build::BuildEvent &event) const {
    const std::string whose = platform_.empty() ? service_ : service_ + " " + platform_;
    return event.name.starts_with('[') ? fmt::format("[{} {}", whose, event.name.substr(1))
                                       : fmt::format("[{}] {}", whose, event.name);
}

void BuildDisplay::image(const std::string &name, ProgressState state, const std::string &text) {
    const std::lock_guard lock(mutex_);
    if (mode_ != Mode::quiet)
        progress_.event({.id = "Image " + name, .state = state, .text = text});
}

void BuildDisplay::finish() {
    const std::lock_guard lock(mutex_);
    progress_.finish();
}

void BuildProgress::line(const Step &step, const std::string &text) {
    if (display_.has_lines())
        display_.progress_.message(step.number == 0 ? text : fmt::format("#{} {}", step.number, text));
}

void BuildProgress::picture(const Step &step, const build::BuildEvent &event, ProgressState state,
                            const std::string &text) const {
    if (!display_.has_picture() || step.number == 0)
        return;
    ProgressEvent shown{.id = plain(title(event)),
                        .parent = "Image " + image_,
                        .state = state,
                        .text = text,
                        .lasting = true};
    if (event.kind == build::BuildEvent::Kind::done)
        shown.detail = event.text;
    const std::size_t count = std::min(step.last.size(), tail_lines);
    for (auto each = step.last.end() - static_cast<std::ptrdiff_t>(count); each != step.last.end(); ++each)
        shown.tail.push_back(plain(each->substr(each->find(' ') + 1)));
    if (!step.unfinished.empty())
        shown.tail.push_back(plain(step.unfinished));
    display_.progress_.event(shown);
}

void BuildProgress::json(const Step &step, const build::BuildEvent &event, const char *status) {
    if (display_.mode_ != Mode::json)
        return;
    base::Json json{{"service", service_}, {"status", status}};
    if (!platform_.empty())
        json["platform"] = platform_;
    if (step.number > 0) {
        json["step"] = step.number;
        json["name"] = event.name;
    }
    if (!event.text.empty())
        json["text"] = event.text;
    if (event.elapsed.count() > 0)
        json["seconds"] = seconds(event.elapsed);
    print(STDERR_FILENO, base::dump_json(json) + "\n");
}

void BuildProgress::output(const build::BuildEvent &event, Step &step) {
    step.unfinished += event.text;
    const double time = seconds(std::chrono::steady_clock::now() - step.began);
    for (std::size_t end = step.unfinished.find('\n'); end != std::string::npos;
         end = step.unfinished.find('\n')) {
        std::string text = step.unfinished.substr(0, end);
        step.unfinished.erase(0, end + 1);
        if (text.ends_with('\r'))
            text.pop_back();
        step.last.push_back(fmt::format("{:.3f} {}", time, text));
        if (step.last.size() > kept_lines)
            step.last.pop_front();
        line(step, step.last.back());
    }
}

void BuildProgress::event(const build::BuildEvent &event) {
    using Kind = build::BuildEvent::Kind;
    const std::lock_guard lock(display_.mutex_);
    Step &step = steps_[event.number];
    if (event.number > 0 && step.number == 0)
        step.number = ++display_.steps_;
    const bool over = event.kind == Kind::done || event.kind == Kind::failed;
    if (over && !step.unfinished.empty()) {
        build::BuildEvent rest = event;
        rest.text = "\n";
        output(rest, step);
    }
    switch (event.kind) {
    case Kind::started:
        line(step, title(event));
        picture(step, event, ProgressState::working, "");
        return json(step, event, "started");
    case Kind::output:
        output(event, step);
        picture(step, event, ProgressState::working, "");
        return json(step, event, "output");
    case Kind::done:
        line(step, fmt::format("DONE {:.1f}s{}", seconds(event.elapsed),
                               event.text.empty() ? "" : " " + event.text));
        picture(step, event, ProgressState::done, "");
        return json(step, event, "done");
    case Kind::cached:
        line(step, "CACHED");
        picture(step, event, ProgressState::done, "CACHED");
        return json(step, event, "cached");
    case Kind::failed:
        line(step, "ERROR: " + event.text);
        picture(step, event, ProgressState::error, event.text == "cancelled" ? "CANCELED" : "ERROR");
        if (failed_.empty()) {
            failed_ = title(event);
            failed_output_ = step.last;
        }
        return json(step, event, "failed");
    case Kind::warning:
        line(step, "WARN: " + event.text);
        if (display_.has_picture())
            display_.progress_.message("WARN: " + event.text);
        return json(step, event, "warning");
    }
}

void BuildProgress::show_failure() {
    const std::lock_guard lock(display_.mutex_);
    if (failed_.empty() || display_.mode_ == Mode::json)
        return;
    display_.progress_.message("------\n > " + failed_ + ":");
    for (const std::string &text : failed_output_)
        display_.progress_.message(text);
    display_.progress_.message("------");
}

} // namespace cli
