// How a container's process ended, also when we are not its parent and the one that was is gone.
#pragma once

#include "base/units.hpp"
#include "engine/container/process.hpp"

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace container {

// One line of RUN/projects/P/exits.
struct ExitRecord {
    ProcessIdentity process;
    int wait_status = 0; // as waitpid(2) gives it
    base::Timestamp time;
    bool operator==(const ExitRecord &) const = default;
};

struct ExitRecords {
    std::vector<ExitRecord> records;
    std::uint64_t consumed = 0; // bytes of whole lines read: for KeeperClient::truncate_exits
};

// Malformed lines and a last line without its end are skipped.
[[nodiscard]] ExitRecords parse_exit_records(std::string_view text);
// A missing file has no records.
[[nodiscard]] ExitRecords read_exit_records(const std::filesystem::path &exits);

enum class ExitSource { record, pidfd, zombie, unknown };

struct ExitOutcome {
    ExitSource source = ExitSource::unknown;
    int wait_status = 0; // meaningless when unknown
    std::optional<base::Timestamp> time;

    // As a shell counts: the exit code, or 128 + signal. 255 when unknown.
    [[nodiscard]] int exit_code() const;
};

// Asks, in this order: the keeper's records, the pidfd (Linux 6.15, after the reap), the zombie's /proc
// entry.
// @pre the process has ended: its pidfd polled readable, or it could not be opened any more.
// @param pidfd may be -1.
[[nodiscard]] ExitOutcome exit_outcome(const ProcessIdentity &process, int pidfd,
                                       const std::vector<ExitRecord> &records);

} // namespace container
