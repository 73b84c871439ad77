#include "verbs/request.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "control/connect.hpp"

#include <fmt/format.h>

#include <sys/eventfd.h>

#include <charconv>
#include <csignal>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::chrono::milliseconds frame(100);

volatile std::sig_atomic_t interrupts = 0;
int interrupt_fd = -1;

void note_interrupt(int) {
    interrupts = interrupts + 1;
    const std::uint64_t one = 1;
    const int saved = errno;
    (void)!::write(interrupt_fd, &one, sizeof one);
    errno = saved;
}

struct sigaction previous_interrupt, previous_terminate;

ProgressEvent shown(const supervisor::Answer &answer) {
    ProgressEvent event{.id = answer.subject, .text = answer.text};
    event.state = answer.text == "Error" ? ProgressState::error
                  : answer.working       ? ProgressState::working
                                         : ProgressState::done;
    return event;
}

} // namespace

InterruptGuard::InterruptGuard() {
    interrupts = 0;
    if (interrupt_fd < 0)
        interrupt_fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    struct sigaction action {};

    action.sa_handler = note_interrupt;
    ::sigaction(SIGINT, &action, &previous_interrupt);
    ::sigaction(SIGTERM, &action, &previous_terminate);
}

InterruptGuard::~InterruptGuard() {
    ::sigaction(SIGINT, &previous_interrupt, nullptr);
    ::sigaction(SIGTERM, &previous_terminate, nullptr);
}

int InterruptGuard::count() {
    return interrupts;
}

int InterruptGuard::fd() {
    return interrupt_fd;
}

void follow(Client &client, Progress &progress, const OnEvent &on_event) {
    const int before = InterruptGuard::count();
    for (;;) {
        const auto answer = client.next(frame);
        if (InterruptGuard::count() > before) {
            progress.finish();
            throw base::Error("interrupted", "", 130);
        }
        if (!answer) {
            progress.tick();
            continue;
        }
        switch (answer->kind) {
        case supervisor::AnswerKind::progress:
            progress.event(shown(*answer));
            break;
        case supervisor::AnswerKind::warning:
            progress.message("WARN " + answer->text);
            break;
        case supervisor::AnswerKind::event:
            if (on_event)
                on_event(*answer);
            break;
        case supervisor::AnswerKind::done:
            progress.finish();
            return;
        case supervisor::AnswerKind::failed:
            progress.finish();
            throw base::Error(answer->text, answer->hint, answer->exit_code);
        }
    }
}

void request(const Context &context, const std::string &project, const std::string &path,
             const base::Json &body, Progress &progress, const OnEvent &on_event) {
    if (context.options.dry_run)
        throw base::Error("--dry-run is not known here, nothing was done", "leave it out");
    const auto attempt = [&] {
        Client client = start_supervisor(context.paths(), project);
        client.send(path, body);
        follow(client, progress, on_event);
    };
    // One that was just killed may still take a connection while the kernel ends it.
    try {
        attempt();
    } catch (const Unanswered &) {
        attempt();
    }
}

std::map<std::string, int> parse_scale(const std::vector<std::string> &arguments) {
    std::map<std::string, int> scale;
    for (const std::string &argument : arguments) {
        const std::size_t split = argument.find('=');
        const char *const end = argument.data() + argument.size();
        int number = -1;
        if (split == std::string::npos || std::from_chars(argument.data() + split + 1, end, number).ptr != end
            || number < 0)
            throw base::Error(fmt::format("invalid scale specifier \"{}\"", argument),
                              "write SERVICE=NUMBER, e.g. web=3");
        scale[argument.substr(0, split)] = number;
    }
    return scale;
}

} // namespace cli
