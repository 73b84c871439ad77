#include "base/error.hpp"
#include "base/json.hpp"
#include "control/connect.hpp"
#include "logs/log_session.hpp"
#include "terminal/terminal.hpp"
#include "verbs/project_state.hpp"
#include "verbs/request.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <poll.h>
#include <unistd.h>

namespace cli {

namespace {

struct LogsOptions {
    std::vector<std::string> services;
    std::optional<int> index;
    std::string tail = "all";
    std::string since;
    std::string until;
    bool follow = false;
    bool no_colour = false;
    bool no_log_prefix = false;
    bool timestamps = false;
};

std::optional<std::size_t> parse_tail(const std::string &text) {
    if (text == "all")
        return std::nullopt;
    std::size_t lines = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lines);
    if (error != std::errc() || end != text.data() + text.size())
        throw base::Error(fmt::format("invalid --tail value \"{}\"", text), "use a number, or all");
    return lines;
}

// A time (RFC 3339, seconds since 1970) or how long ago ("10m").
std::optional<base::Timestamp> parse_time(const std::string &option, const std::string &text) {
    if (text.empty())
        return std::nullopt;
    if (const auto time = base::parse_rfc3339(text))
        return time;
    if (const auto age = base::parse_duration(text))
        return base::now() - *age;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (error == std::errc() && end == text.data() + text.size())
        return base::Timestamp(std::chrono::seconds(seconds));
    throw base::Error(fmt::format("invalid {} value \"{}\"", option, text),
                      "use a time such as 2026-01-02T13:23:37Z, or how long ago, such as 42m");
}

// Follows until interrupted, or until nothing runs that could write any more.
void follow_logs(const Context &context, const std::string &project, LogSession &logs) {
    const InterruptGuard guard;
    const auto listen = [&] {
        auto client = connect_to_supervisor(context.paths(), project);
        if (client)
            client->send(supervisor::api_events, base::Json{{"until_idle", true}});
        return client;
    };
    auto events = listen();
    while (InterruptGuard::count() == 0) {
        logs.pump();
        if (!events)
            break;
        std::array<pollfd, 3> fds = {
            {{logs.fd(), POLLIN, 0}, {events->fd(), POLLIN, 0}, {InterruptGuard::fd(), POLLIN, 0}}};
        if (!events->has_buffered())
            ::poll(fds.data(), fds.size(), -1);
        try {
            while (const auto event = events->next(std::chrono::milliseconds(0)))
                if (event->kind == supervisor::AnswerKind::done) {
                    events.reset();
                    break;
                }
        } catch (const base::Error &) {
            events = listen();
        }
    }
    logs.pump();
}

int run_logs(const Context &context, const LogsOptions &options) {
    if (options.index && options.services.size() != 1)
        throw base::Error("--index requires exactly one service");
    const Context::Named named = context.load_or_name(options.services);
    const auto containers = supervisor::read_containers(context.paths(), named.project);
    require_known(named, containers, options.services);
    const std::set<std::string> services(options.services.begin(), options.services.end());
    const auto filter = [&](const supervisor::ContainerInfo &info) {
        if (options.index && info.spec.number != *options.index)
            return false;
        if (!services.empty())
            return services.contains(info.spec.service);
        if (info.spec.one_off)
            return false;
        if (!named.loaded)
            return true;
        const auto service = named.loaded->project.services.find(info.spec.service);
        return service != named.loaded->project.services.end() && service->second.attach;
    };
    const LogRange range{parse_tail(options.tail), parse_time("--since", options.since),
                         parse_time("--until", options.until)};
    if (containers.empty() && !options.follow)
        return 0;
    LogSession logs(context.paths(), named.project,
                    {.prefix = !options.no_log_prefix,
                     .colour = !options.no_colour && colours_on(STDOUT_FILENO),
                     .timestamps = options.timestamps},
                    filter, range);
    logs.pump();
    if (options.follow)
        follow_logs(context, named.project, logs);
    logs.flush_all();
    return 0;
}

} // namespace

void add_logs(Command &root, Context &context) {
    auto options = std::make_shared<LogsOptions>();
    root.subcommand("logs", "Show the output of containers")
        .flag("-f,--follow", options->follow, "Go on as more is written")
        .option("-n,--tail", options->tail, "Only the last lines of each container; all by default", "N")
        .option("--since", options->since, "From this time on, or this long ago: 2026-01-02T13:23:37Z, 42m",
                "TIME")
        .option("--until", options->until, "Before this time", "TIME")
        .flag("-t,--timestamps", options->timestamps, "Show when each line was written")
        .flag("--no-log-prefix", options->no_log_prefix, "Without the container's name in front")
        .flag("--no-color", options->no_colour, "Without colours")
        .option("--index", options->index, "Number of the replica")
        .positionals("SERVICE", options->services, "Services; all when none is named")
        .action([&context, options] { return run_logs(context, *options); });
}

} // namespace cli
