#include "verbs/build_progress.hpp"

#include "base/json.hpp"
#include "terminal/terminal.hpp"

#include <fmt/format.h>

#include <unistd.h>

namespace cli {

namespace {

constexpr std::size_t kept_lines = 100;

double seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

} // namespace

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

void BuildProgress::line(const Step &step, const std::string &text) {
    if (display_.mode_ == Mode::lines)
        display_.progress_.message(step.number == 0 ? text : fmt::format("#{} {}", step.number, text));
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
        return json(step, event, "started");
    case Kind::output:
        output(event, step);
        return json(step, event, "output");
    case Kind::done:
        line(step, fmt::format("DONE {:.1f}s{}", seconds(event.elapsed),
                               event.text.empty() ? "" : " " + event.text));
        return json(step, event, "done");
    case Kind::cached:
        line(step, "CACHED");
        return json(step, event, "cached");
    case Kind::failed:
        line(step, "ERROR: " + event.text);
        if (failed_.empty()) {
            failed_ = title(event);
            failed_output_ = step.last;
        }
        return json(step, event, "failed");
    case Kind::warning:
        line(step, "WARN: " + event.text);
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
