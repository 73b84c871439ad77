#include "engine/container/exit_status.hpp"

#include "base/file.hpp"
#include "base/syscall.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <charconv>

namespace container {

namespace {

// The next space-separated number of `line`, which is shortened by it.
template <typename T>
bool take_number(std::string_view &line, T &into) {
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), into);
    if (error != std::errc{})
        return false;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    if (!line.empty() && line.front() != ' ')
        return false;
    if (!line.empty())
        line.remove_prefix(1);
    return true;
}

std::optional<ExitRecord> parse_line(std::string_view line) {
    ExitRecord record;
    std::int64_t time = 0;
    if (!take_number(line, record.process.pid) || !take_number(line, record.process.start_ticks)
        || !take_number(line, record.wait_status) || !take_number(line, time) || !line.empty())
        return std::nullopt;
    record.time = base::Timestamp(std::chrono::nanoseconds(time));
    return record;
}

} // namespace

ExitRecords parse_exit_records(std::string_view text) {
    ExitRecords result;
    for (std::size_t end = text.find('\n'); end != std::string_view::npos;
         end = text.find('\n', result.consumed)) {
        if (const auto record = parse_line(text.substr(result.consumed, end - result.consumed)))
            result.records.push_back(*record);
        result.consumed = end + 1;
    }
    return result;
}

ExitRecords read_exit_records(const std::filesystem::path &exits) {
    const auto text = base::read_file_if(exits);
    return text ? parse_exit_records(*text) : ExitRecords{};
}

int ExitOutcome::exit_code() const {
    if (source == ExitSource::unknown)
        return 255;
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

ExitOutcome exit_outcome(const ProcessIdentity &process, int pidfd, const std::vector<ExitRecord> &records) {
    const auto record = std::find_if(records.begin(), records.end(), [&](const ExitRecord &candidate) {
        return candidate.process == process;
    });
    if (record != records.end())
        return {ExitSource::record, record->wait_status, record->time};

    const auto ask_pidfd = [&]() -> std::optional<ExitOutcome> {
        const auto exit = pidfd >= 0 ? base::sys_pidfd_exit(pidfd) : base::PidfdExit{};
        if (!exit.known)
            return std::nullopt;
        return ExitOutcome{ExitSource::pidfd, exit.wait_status, std::nullopt};
    };
    if (const auto outcome = ask_pidfd())
        return *outcome;
    const auto stat = read_process_stat(process.pid);
    if (stat && stat->start_ticks == process.start_ticks && stat->state == 'Z')
        return {ExitSource::zombie, stat->wait_status, std::nullopt};
    // It may have been reaped between the two questions.
    return ask_pidfd().value_or(ExitOutcome{});
}

} // namespace container
