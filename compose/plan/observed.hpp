// What exists now, as the observer reads it from disk and kernel. Plain data for pure decisions.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace plan {

enum class Status { created, running, paused, restarting, exited, dead };

enum class Health { none, starting, healthy, unhealthy };

struct ObservedContainer {
    std::string id; // 64 hex digits
    std::string name;
    std::string service;
    int number = 1;
    bool one_off = false;
    Status status = Status::created;
    Health health = Health::none;
    int exit_code = 0;
    std::string hash;                              // of the DesiredService it was made from
    std::string image;                             // image id
    std::vector<std::string> networks;             // full names
    std::vector<std::string> volumes;              // full names, anonymous ones too
    std::map<std::string, std::string> depends_on; // service -> "condition:restart", from its label
};

struct ObservedNetwork {
    std::string name;
    std::string hash;
    bool ours = true; // carries our project label
};

struct ObservedVolume {
    std::string name;
    std::string hash;
    bool ours = true;
};

struct Observed {
    std::vector<ObservedContainer> containers; // of this project, by service and number
    std::vector<ObservedNetwork> networks;     // every network of the host
    std::vector<ObservedVolume> volumes;       // every volume of the store

    [[nodiscard]] const ObservedNetwork *network(const std::string &name) const;
    [[nodiscard]] const ObservedVolume *volume(const std::string &name) const;
};

[[nodiscard]] bool is_active(Status status); // has a process, or will have one again without a command
[[nodiscard]] std::string to_string(Status status);
[[nodiscard]] std::string to_string(Health health);
[[nodiscard]] std::optional<Status> parse_status(const std::string &text);
[[nodiscard]] std::optional<Health> parse_health(const std::string &text);

} // namespace plan
