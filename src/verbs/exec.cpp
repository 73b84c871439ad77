#include "engine/container/exec.hpp"

#include "base/error.hpp"
#include "terminal/raw_mode.hpp"
#include "terminal/terminal.hpp"
#include "verbs/interactive.hpp"
#include "verbs/program_streams.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

struct ExecOptions {
    std::string service;
    std::vector<std::string> command;
    std::vector<std::string> env;
    std::optional<int> index;
    std::string user;
    std::string workdir;
    bool detach = false;
    bool no_tty = false;
    bool tty = false;
    bool interactive = true;
    bool privileged = false;
};

// Between the local terminal and the one of the program, until the program ends.
int relay_terminal(container::ExecProcess &process) {
    const RawMode raw(STDIN_FILENO);
    watch_window();
    const base::Input typed(STDIN_FILENO);
    bool input = true;
    for (;;) {
        if (window_changed())
            container::set_window(process.terminal.get(), window_size());
        std::array<pollfd, 3> fds = {{{input ? typed.fd() : -1, POLLIN, 0},
                                      {process.terminal.get(), POLLIN, 0},
                                      {process.pidfd.get(), POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), -1) < 0)
            continue;
        if (fds[0].revents != 0)
            input = copy_some(typed, process.terminal.get());
        if ((fds[1].revents & POLLIN) != 0)
            (void)copy_some(process.terminal.get(), STDOUT_FILENO);
        else if (fds[2].revents != 0 || fds[1].revents != 0)
            break;
    }
    return process.wait();
}

int wait_forwarding(container::ExecProcess &process, ProgramStreams &streams) {
    const InterruptGuard guard;
    int forwarded = 0;
    for (;;) {
        std::array<pollfd, 3> waits = streams.waits();
        std::array<pollfd, 5> fds = {{{process.pidfd.get(), POLLIN, 0},
                                      {InterruptGuard::fd(), POLLIN, 0},
                                      waits[0],
                                      waits[1],
                                      waits[2]}};
        (void)::poll(fds.data(), fds.size(), -1);
        streams.relay({fds[2], fds[3], fds[4]});
        std::uint64_t count = 0;
        (void)!::read(InterruptGuard::fd(), &count, sizeof count);
        for (; forwarded < InterruptGuard::count(); ++forwarded)
            (void)container::send_signal(process.pidfd.get(), forwarded == 0 ? SIGINT : SIGKILL);
        if (fds[0].revents != 0) {
            streams.drain();
            return process.wait();
        }
    }
}

int run_exec(const Context &context, const ExecOptions &options) {
    const Context::Named named = context.load_or_name({options.service});
    require_known(named, supervisor::read_containers(context.paths(), named.project), {options.service});
    const auto info = running_container(context.paths(), named.project, options.service, options.index);
    container::ExecSpec what;
    what.argv = options.command;
    what.env = given_environment(context, options.env);
    what.cwd = options.workdir;
    what.user = options.user;
    what.privileged = options.privileged;
    what.tty = !options.detach && !options.no_tty && is_terminal(STDOUT_FILENO) && is_terminal(STDIN_FILENO);
    if (options.tty && !what.tty && !options.detach)
        throw base::Error("the input device is not a TTY", "drop -t, or run it on a terminal");
    if (what.tty)
        what.window = window_size();
    ProgramStreams streams(options.interactive && !options.detach && !what.tty);
    if (!what.tty && !options.detach)
        what.stdio = streams.program();
    container::SeccompCache seccomp;
    container::ExecProcess process =
        container::exec(info.spec, {info.state.pid, info.state.start_ticks}, what, seccomp);
    if (options.detach)
        return 0;
    streams.started();
    return what.tty ? relay_terminal(process) : wait_forwarding(process, streams);
}

} // namespace

void add_exec(Command &root, Context &context) {
    auto options = std::make_shared<ExecOptions>();
    Command exec = root.subcommand("exec", "Run a command in a running container");
    exec.flag("-d,--detach", options->detach, "Do not wait for it, nor show its output")
        .list("-e,--env", options->env, "Variable: NAME=VALUE, or NAME to pass it on if it is set",
              "NAME[=VALUE]")
        .option("--index", options->index, "Number of the replica")
        .flag("-T,--no-tty", options->no_tty, "No terminal, even when there is one here")
        .flag("-t,--tty", options->tty, "Insist on a terminal")
        .flag("-i,--interactive", options->interactive, "Keep standard input open (always so)")
        .flag("--privileged", options->privileged, "With all capabilities")
        .option("-u,--user", options->user, "Run as this user", "USER[:GROUP]")
        .option("-w,--workdir", options->workdir, "Working directory", "DIR")
        .positional("SERVICE", options->service, "The service")
        .positionals("COMMAND", options->command, "The command and its arguments", true)
        .stop_at_first_positional()
        .hide("--interactive");
    exec.action([&context, options] { return run_exec(context, *options); });
}

} // namespace cli
