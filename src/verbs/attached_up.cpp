#include "verbs/attached_up.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "control/connect.hpp"
#include "logs/log_session.hpp"
#include "terminal/terminal.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::chrono::milliseconds at_once(0);
constexpr int frame_ms = 100;
constexpr int interrupted = 130;
constexpr int terminated = 143;

class AttachedUp {
  public:
    AttachedUp(const Context &context, const compose::Project &project, const AttachFlags &flags,
               Progress &progress, std::unique_ptr<base::FileLock> hold)
        : context_(context), project_(project), flags_(flags), progress_(progress), hold_(std::move(hold)),
          logs_(context.paths(), project.name,
                {.prefix = !flags.no_log_prefix,
                 .colour = !flags.no_colour && colours_on(STDOUT_FILENO),
                 .timestamps = flags.timestamps},
                [this](const supervisor::ContainerInfo &info) {
                    return !info.spec.one_off && flags_.attach.contains(info.spec.service);
                },
                {.tail = {}, .since = base::now(), .until = {}}) {}

    int run(const base::Json &body) {
        listen();
        up_.emplace(start_supervisor(context_.paths(), project_.name));
        up_->send(supervisor::api_up, body);
        while (!finished()) {
            wait();
            take_events();
            take_answers(up_);
            take_answers(stop_);
            logs_.pump();
            take_interrupts();
        }
        logs_.pump();
        logs_.flush_all();
        progress_.finish();
        const int code = exit_status();
        if (failure_ && (!stopping_ || code == 0))
            throw base::Error(*failure_);
        if (failure_)
            print(STDERR_FILENO, fmt::format("error: {}\n", *failure_));
        return code;
    }

  private:
    void listen() {
        events_.emplace(start_supervisor(context_.paths(), project_.name));
        events_->send(supervisor::api_events, base::Json::object());
        while (!events_->next(std::chrono::milliseconds(-1))) {
        }
    }

    [[nodiscard]] bool finished() const {
        if (up_ || stop_)
            return false;
        return failure_ || stopping_ || active_.empty();
    }

    void wait() {
        std::array<pollfd, 5> fds = {{{logs_.fd(), POLLIN, 0},
                                      {events_ ? events_->fd() : -1, POLLIN, 0},
                                      {up_ ? up_->fd() : -1, POLLIN, 0},
                                      {stop_ ? stop_->fd() : -1, POLLIN, 0},
                                      {InterruptGuard::fd(), POLLIN, 0}}};
        const bool buffered = (events_ && events_->has_buffered()) || (up_ && up_->has_buffered())
                              || (stop_ && stop_->has_buffered());
        const bool animated = up_ || stop_;
        if (::poll(fds.data(), fds.size(), buffered ? 0 : animated ? frame_ms : -1) == 0)
            progress_.tick();
        std::uint64_t count = 0;
        (void)!::read(InterruptGuard::fd(), &count, sizeof count);
    }

    void take_events() {
        try {
            while (const auto event = events_->next(at_once))
                on_event(*event);
        } catch (const base::Error &) {
            // The supervisor ended: killed, or because nothing runs any more. What became of the containers
            // is on disk.
            listen_again();
        }
    }

    void listen_again() {
        std::set<std::string> still;
        for (const auto &info : supervisor::read_containers(context_.paths(), project_.name))
            if (active_.contains(info.spec.id)
                && (info.state.pid != 0 || info.state.status == plan::Status::restarting))
                still.insert(info.spec.id);
            else if (active_.contains(info.spec.id))
                tell_exit(info.spec, info.state.exit_code, false);
        active_ = still;
        if (!active_.empty() || up_)
            listen();
        else
            events_.reset();
    }

    void on_event(const supervisor::Answer &event) {
        if (event.action == "start" && watched(event))
            active_.insert(event.id);
        if (event.action != "die" || active_.erase(event.id) == 0)
            return;
        if (event.restarting)
            active_.insert(event.id);
        container::Spec spec;
        spec.project = project_.name;
        spec.service = event.service;
        spec.name = event.name;
        spec.id = event.id;
        tell_exit(spec, event.container_exit_code, event.restarting);
        if (!event.restarting)
            on_exit(event);
    }

    [[nodiscard]] bool watched(const supervisor::Answer &event) const {
        return flags_.attach.contains(event.service) && event.name.find("-run-") == std::string::npos;
    }

    void tell_exit(const container::Spec &spec, int code, bool restarting) {
        progress_.finish();
        logs_.pump();
        logs_.flush(spec.id);
        print(STDOUT_FILENO, fmt::format("{} exited with code {}{}\n", short_name(spec), code,
                                         restarting ? " (restarting)" : ""));
    }

    void on_exit(const supervisor::Answer &event) {
        const bool failed = event.container_exit_code != 0;
        if (event.service == flags_.exit_code_from)
            code_from_ = event.container_exit_code;
        if ((flags_.abort_on_exit || (flags_.abort_on_failure && failed)) && !stopping_) {
            first_exit_ = event.container_exit_code;
            stop(false);
        }
    }

    void take_answers(std::optional<Client> &client) {
        if (!client)
            return;
        try {
            while (const auto answer = client->next(at_once)) {
                if (answer->kind == supervisor::AnswerKind::progress)
                    progress_.event({.id = answer->subject,
                                     .state = answer->working ? ProgressState::working : ProgressState::done,
                                     .text = answer->text});
                else if (answer->kind == supervisor::AnswerKind::warning)
                    progress_.message("WARN " + answer->text);
                else if (answer->kind == supervisor::AnswerKind::failed && !broken_off(*answer))
                    failure_ = answer->text;
                if (answer->kind == supervisor::AnswerKind::done
                    || answer->kind == supervisor::AnswerKind::failed) {
                    client.reset();
                    hold_.reset();
                    progress_.finish();
                    settle();
                    return;
                }
            }
        } catch (const base::Error &error) {
            failure_ = error.what();
            client.reset();
        }
    }

    // Our own stop breaks our `up` off; that is no failure.
    [[nodiscard]] bool broken_off(const supervisor::Answer &answer) const {
        return stopping_ && answer.exit_code == interrupted;
    }

    // After `up`: what already ran before is part of what we are attached to.
    void settle() {
        for (const auto &info : supervisor::read_containers(context_.paths(), project_.name))
            if (info.state.pid != 0 && !info.spec.one_off && flags_.attach.contains(info.spec.service))
                active_.insert(info.spec.id);
    }

    void take_interrupts() {
        if (InterruptGuard::count() == interrupts_)
            return;
        interrupts_ = InterruptGuard::count();
        if (interrupts_ == 1) {
            print(STDERR_FILENO, "Gracefully stopping... (press Ctrl+C again to force)\n");
            stop(false);
        } else if (interrupts_ == 2) {
            stop(true);
        }
    }

    void stop(bool kill) {
        stopping_ = true;
        base::Json body{{"services", flags_.stop}};
        if (flags_.timeout)
            body["timeout"] = *flags_.timeout;
        body["signal"] = SIGKILL;
        stop_.emplace(start_supervisor(context_.paths(), project_.name));
        stop_->send(kill ? supervisor::api_kill : supervisor::api_stop, body);
    }

    [[nodiscard]] int exit_status() const {
        if (interrupts_ > 0)
            return interrupted;
        if (!flags_.exit_code_from.empty()) {
            if (code_from_)
                return *code_from_;
            return terminated;
        }
        return first_exit_.value_or(0);
    }

    const Context &context_;
    const compose::Project &project_;
    const AttachFlags &flags_;
    Progress &progress_;
    std::unique_ptr<base::FileLock> hold_;
    LogSession logs_;
    InterruptGuard guard_;
    std::optional<Client> events_, up_, stop_;
    std::optional<std::string> failure_;
    std::set<std::string> active_; // ids of containers we are attached to that run
    std::optional<int> first_exit_, code_from_;
    bool stopping_ = false;
    int interrupts_ = 0;
};

} // namespace

int run_attached(const Context &context, const compose::Project &project, const base::Json &body,
                 const AttachFlags &flags, Progress &progress, std::unique_ptr<base::FileLock> hold) {
    std::string names;
    for (const std::string &service : flags.attach)
        names += (names.empty() ? "" : ", ") + service;
    print(STDOUT_FILENO, "Attaching to " + names + "\n");
    return AttachedUp(context, project, flags, progress, std::move(hold)).run(body);
}

} // namespace cli
