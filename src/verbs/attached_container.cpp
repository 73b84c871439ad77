#include "verbs/attached_container.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "control/connect.hpp"
#include "terminal/raw_mode.hpp"
#include "verbs/interactive.hpp"
#include "verbs/request.hpp"

#include <array>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

constexpr std::chrono::milliseconds at_once(0);
constexpr std::chrono::milliseconds for_ever(-1);

} // namespace

AttachedContainer::AttachedContainer(const Context &context, std::string project, std::string id,
                                     AttachStyle style)
    : context_(context), project_(std::move(project)), id_(std::move(id)), style_(std::move(style)),
      logs_(context.paths(), project_, {.prefix = false, .raw = true},
            [this](const supervisor::ContainerInfo &info) { return info.spec.id == id_; },
            {.tail = {}, .since = style_.from_now ? std::optional(base::now()) : std::nullopt, .until = {}}),
      typed_(STDIN_FILENO) {
    listen();
}

void AttachedContainer::listen() {
    events_.emplace(start_supervisor(context_.paths(), project_));
    events_->send(supervisor::api_events, base::Json::object());
    while (!events_->next(for_ever)) {
    }
}

void AttachedContainer::take_input(bool once) {
    Client client = start_supervisor(context_.paths(), project_);
    client.send(supervisor::api_attach, base::Json{{"id", id_}, {"once", once}});
    while (true) {
        const auto answer = client.next(for_ever);
        if (answer && answer->kind == supervisor::AnswerKind::failed)
            return;
        if (answer && answer->kind == supervisor::AnswerKind::done)
            break;
    }
    input_ = std::move(client.receive_descriptors().front());
}

void AttachedContainer::resize() const {
    if (style_.tty && input_)
        container::set_window(input_.get(), window_size());
}

std::optional<int> AttachedContainer::relay() {
    {
        const RawMode raw(style_.tty && input_ ? STDIN_FILENO : -1);
        const InterruptGuard guard;
        watch_window();
        resize();
        while (!exit_code_ && !left_) {
            if (window_changed())
                resize();
            std::array<pollfd, 4> fds = {{{input_ ? typed_.fd() : -1, POLLIN, 0},
                                          {logs_.fd(), POLLIN, 0},
                                          {events_->fd(), POLLIN, 0},
                                          {InterruptGuard::fd(), POLLIN, 0}}};
            if (!events_->has_buffered())
                (void)::poll(fds.data(), fds.size(), -1);
            if (fds[0].revents != 0)
                copy_input();
            logs_.pump();
            take_events();
            take_interrupts();
        }
    }
    logs_.pump();
    logs_.flush_all();
    return exit_code_;
}

int AttachedContainer::run() {
    return relay().value_or(0);
}

void AttachedContainer::copy_input() {
    if (style_.detach_sequence.empty()) {
        if (!copy_some(typed_, input_.get()))
            input_.reset();
        return;
    }
    char key = 0;
    const auto read = typed_.read({&key, 1});
    if (!read)
        input_.reset();
    if (!read || read->empty())
        return;
    // Keys that began the sequence and did not go on with it were meant for the program.
    if (key == style_.detach_sequence[matched_]) {
        left_ = ++matched_ == style_.detach_sequence.size();
        return;
    }
    std::string typed = style_.detach_sequence.substr(0, std::exchange(matched_, 0));
    if (key == style_.detach_sequence.front())
        matched_ = 1;
    else
        typed += key;
    if (::write(input_.get(), typed.data(), typed.size()) < 0 && errno != EAGAIN && errno != EINTR)
        input_.reset();
}

void AttachedContainer::take_events() {
    try {
        while (const auto event = events_->next(at_once))
            if (event->action == "die" && event->id == id_ && !event->restarting)
                exit_code_ = event->container_exit_code;
    } catch (const base::Error &) {
        look_on_disk();
    }
}

// The supervisor was killed and is back, or gone with the container's end.
void AttachedContainer::look_on_disk() {
    const auto state = supervisor::read_state(context_.paths().container(project_, id_));
    if (!state || state->pid == 0)
        exit_code_ = state ? state->exit_code : 0;
    else
        listen();
}

void AttachedContainer::take_interrupts() {
    std::uint64_t count = 0;
    (void)!::read(InterruptGuard::fd(), &count, sizeof count);
    for (; interrupts_ < InterruptGuard::count(); ++interrupts_) {
        if (!style_.forward_signals) {
            left_ = true;
            return;
        }
        Client client = start_supervisor(context_.paths(), project_);
        client.send(supervisor::api_kill,
                    base::Json{{"ids", {id_}}, {"signal", interrupts_ == 0 ? SIGINT : SIGKILL}});
        (void)client.next(std::chrono::milliseconds(1000));
    }
}

} // namespace cli
