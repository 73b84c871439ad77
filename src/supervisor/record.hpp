// A container's mutable state on disk (state.json): what it is doing, and what it was given by the network.
// Written by the supervisor alone, by rename; read by everybody.
#pragma once

#include "base/json_fwd.hpp"
#include "base/units.hpp"
#include "compose/plan/observed.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace supervisor {

struct EndpointRecord {
    std::string network; // full name
    std::string address; // without prefix length
    int prefix = 0;
    std::string gateway;
    std::string mac;
    std::string interface;
    std::vector<std::string> aliases;
};

struct PortRecord {
    std::string host_ip;         // "0.0.0.0", "::", or the address given
    std::uint16_t host_port = 0; // 0: exposed, not published
    std::uint16_t container_port = 0;
    std::string protocol;
};

struct ProbeRecord {
    base::Timestamp start{};
    base::Timestamp end{};
    int exit_code = 0;
    std::string output; // cut to 4 KiB
};

// Of a container whose end nobody saw.
inline constexpr int unknown_exit_code = 255;

struct StateRecord {
    plan::Status status = plan::Status::created;
    plan::Health health = plan::Health::none;
    int pid = 0;                   // of the container's first process; 0 when there is none
    std::uint64_t start_ticks = 0; // its start time, against reused pids
    int exit_code = 0;
    bool exit_known = true; // false: both keeper and supervisor were gone when it ended
    bool oom_killed = false;
    bool stopped_by_user = false; // `always` and `unless-stopped` don't start it again
    std::string error;            // why the last start failed
    int restart_count = 0;
    int failing_streak = 0;
    base::Timestamp created{};
    std::optional<base::Timestamp> started;
    std::optional<base::Timestamp> finished;
    std::vector<EndpointRecord> endpoints;
    std::vector<PortRecord> ports;
    std::vector<ProbeRecord> probes; // the last five
};

[[nodiscard]] base::Json to_json(const StateRecord &state);
// Missing members keep their defaults. @throws base::Error for a newer version of the format.
[[nodiscard]] StateRecord state_from_json(const base::Json &json);

// directory: of the container. A missing file is nullopt. It is written without a sync, so that a power cut
// may leave it empty or cut short: whatever it said is over then, and it reads as exited with an unknown
// code.
[[nodiscard]] std::optional<StateRecord> read_state(const std::filesystem::path &directory);
void write_state(const std::filesystem::path &directory, const StateRecord &state);

} // namespace supervisor
