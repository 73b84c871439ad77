#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cgroup.hpp"
#include "terminal/table.hpp"
#include "terminal/terminal.hpp"
#include "verbs/project_state.hpp"
#include "verbs/verbs.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <pwd.h>
#include <sstream>
#include <unistd.h>

namespace cli {

namespace {

struct ProcessRow {
    std::string uid, pid, ppid, start, tty, time, command;
};

std::string user_name(uid_t uid) {
    const passwd *entry = ::getpwuid(uid);
    return entry != nullptr ? entry->pw_name : std::to_string(uid);
}

std::string command_line(pid_t pid, const std::string &name) {
    std::string text = base::read_file_if(fmt::format("/proc/{}/cmdline", pid)).value_or("");
    while (!text.empty() && text.back() == '\0')
        text.pop_back();
    for (char &c : text)
        if (c == '\0')
            c = ' ';
    return text.empty() ? "[" + name + "]" : text;
}

// nullopt for a process that has ended meanwhile.
std::optional<ProcessRow> read_process(pid_t pid) {
    const auto stat = base::read_file_if(fmt::format("/proc/{}/stat", pid));

    struct stat status {};

    if (!stat || ::stat(fmt::format("/proc/{}", pid).c_str(), &status) < 0)
        return std::nullopt;
    const std::size_t open = stat->find('(');
    const std::size_t close = stat->rfind(')');
    if (open == std::string::npos || close == std::string::npos)
        return std::nullopt;
    std::istringstream fields(stat->substr(close + 2));
    std::vector<std::string> values;
    for (std::string value; fields >> value;)
        values.push_back(value);
    constexpr std::size_t parent = 1, terminal = 4, user_ticks = 11, system_ticks = 12, start_ticks = 19;
    if (values.size() <= start_ticks)
        return std::nullopt;
    const long hertz = ::sysconf(_SC_CLK_TCK);
    const long used = (std::stol(values[user_ticks]) + std::stol(values[system_ticks])) / hertz;
    timespec boot{};
    ::clock_gettime(CLOCK_BOOTTIME, &boot);
    const std::time_t started = ::time(nullptr) - boot.tv_sec + std::stoll(values[start_ticks]) / hertz;
    std::tm local{};
    ::localtime_r(&started, &local);
    return ProcessRow{.uid = user_name(status.st_uid),
                      .pid = std::to_string(pid),
                      .ppid = values[parent],
                      .start = fmt::format("{:02}:{:02}", local.tm_hour, local.tm_min),
                      .tty = values[terminal] == "0" ? "?" : "pts",
                      .time = fmt::format("{:02}:{:02}:{:02}", used / 3600, used / 60 % 60, used % 60),
                      .command = command_line(pid, stat->substr(open + 1, close - open - 1))};
}

int run_top(const Context &context, const std::vector<std::string> &services) {
    const Context::Named named = context.load_or_name();
    auto containers = supervisor::read_containers(context.paths(), named.project);
    require_known(named, containers, services);
    Table table({"SERVICE", "#", "UID", "PID", "PPID", "STIME", "TTY", "TIME", "CMD"});
    for (const auto &info : containers_of(std::move(containers), services, true)) {
        if (info.state.pid == 0)
            continue;
        for (const pid_t pid : container::Cgroup::of_process(info.state.pid).processes())
            if (const auto row = read_process(pid))
                table.add({info.spec.service, std::to_string(info.spec.number), row->uid, row->pid, row->ppid,
                           row->start, row->tty, row->time, row->command});
    }
    print(STDOUT_FILENO, table.text());
    return 0;
}

} // namespace

void add_top(Command &root, Context &context) {
    auto services = std::make_shared<std::vector<std::string>>();
    root.subcommand("top", "Show the processes of containers")
        .positionals("SERVICE", *services, "Services; all when none is named")
        .action([&context, services] { return run_top(context, *services); });
}

} // namespace cli
