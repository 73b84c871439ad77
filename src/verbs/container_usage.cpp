#include "verbs/container_usage.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cgroup.hpp"

#include <fmt/format.h>

#include <array>
#include <sstream>
#include <unistd.h>

namespace cli {

namespace {

// Empty when the process ended, before or while it was read.
std::string text_of(const std::string &path) {
    try {
        return base::read_file_if(path).value_or("");
    } catch (const base::SystemError &) {
        return "";
    }
}

// Sums of the interfaces but the loopback, of the namespace the process is in.
void read_network(int pid, Usage &usage) {
    std::istringstream lines(text_of(fmt::format("/proc/{}/net/dev", pid)));
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || line.substr(0, colon).ends_with(" lo"))
            continue;
        constexpr std::size_t sent_column = 8;
        std::istringstream columns(line.substr(colon + 1));
        std::int64_t value = 0;
        for (std::size_t column = 0; columns >> value; ++column) {
            if (column == 0)
                usage.received += value;
            else if (column == sent_column)
                usage.sent += value;
        }
    }
}

// Of the living processes; each has that of its dead children, too.
void read_storage(const std::vector<pid_t> &processes, Usage &usage) {
    for (const pid_t pid : processes) {
        std::istringstream lines(text_of(fmt::format("/proc/{}/io", pid)));
        std::string key;
        for (std::int64_t bytes = 0; lines >> key >> bytes;) {
            if (key == "read_bytes:")
                usage.block_read += bytes;
            else if (key == "write_bytes:")
                usage.block_written += bytes;
        }
    }
}

} // namespace

std::optional<Usage> read_usage(const supervisor::ContainerInfo &info) {
    Usage usage;
    try {
        const container::Cgroup cgroup = container::Cgroup::of_process(info.state.pid);
        const container::CgroupStats stats = cgroup.stats();
        usage.time = std::chrono::steady_clock::now();
        usage.cpu = stats.cpu_usage;
        usage.memory = std::max<std::int64_t>(stats.memory_current - stats.memory_inactive_file, 0);
        usage.memory_limit = stats.memory_limit.value_or(::sysconf(_SC_PHYS_PAGES) * ::sysconf(_SC_PAGESIZE));
        read_storage(cgroup.processes(), usage);
        usage.pids = stats.pids;
    } catch (const base::SystemError &) {
        return std::nullopt;
    }
    if (info.spec.namespaces.network.kind == container::NamespaceMode::Kind::private_)
        read_network(info.state.pid, usage);
    return usage;
}

double cpu_percent(const Usage &before, const Usage &now) {
    const std::chrono::duration<double> passed = now.time - before.time;
    const std::chrono::duration<double> used = now.cpu - before.cpu;
    return passed.count() <= 0 ? 0 : 100 * used.count() / passed.count();
}

std::string binary_size(std::int64_t bytes) {
    static constexpr std::array units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit + 1 < units.size(); ++unit)
        value /= 1024;
    return fmt::format("{:.4g}{}", value, units.at(unit));
}

} // namespace cli
