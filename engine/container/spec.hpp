// What a container is: plain data, fixed when it is created, stored as container.json. The mutable side (is
// it running, how did it end) is not here. Paths named `source` are the host's, paths named `target` the
// container's; both absolute.
#pragma once

#include "base/json_fwd.hpp"
#include "base/units.hpp"
#include "engine/container/resources.hpp"
#include "engine/container/spec_mounts.hpp"
#include "engine/container/spec_network.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace container {

struct NamespaceMode {
    enum class Kind {
        private_,
        host,
        none,      // network only: a namespace with nothing but a loopback
        container, // shared with the container of this id
    };
    Kind kind = Kind::private_;
    std::string container; // full id
    bool operator==(const NamespaceMode &) const = default;
};

struct Namespaces {
    NamespaceMode pid, network, ipc, uts, cgroup;
    // Others may join the ipc namespace (and see its /dev/shm).
    bool ipc_shareable = false;
    // A user namespace of its own, whose ids create()'s caller chose with give_ids().
    bool own_users = false;
    // No mapping: the host's user namespace.
    std::vector<IdMapping> uid_map, gid_map;
    bool operator==(const Namespaces &) const = default;
};

struct Rlimit {
    std::string name;      // "nofile", as in ulimits
    std::int64_t soft = 0; // -1 is unlimited
    std::int64_t hard = 0;
    bool operator==(const Rlimit &) const = default;
};

struct Process {
    std::vector<std::string> argv; // never empty; argv[0] is looked up in the container's PATH
    std::vector<std::string>
        env;               // NAME=VALUE, image's and service's merged; HOME, PATH... are added at start
    std::string cwd = "/"; // made when it is missing
    std::string user;      // "", USER, UID, USER:GROUP, ... by the image's own files
    std::vector<std::string> group_add;
    bool tty = false;
    bool stdin_open = false;
    bool init = false; // a small init as PID 1 that forwards signals and reaps
    std::vector<Rlimit> rlimits;
    std::optional<int> oom_score_adj;
    bool operator==(const Process &) const = default;
};

struct Security {
    std::vector<std::string> cap_add, cap_drop;
    bool privileged = false;
    bool no_new_privileges = false;
    bool seccomp_unconfined = false;
    std::string seccomp_profile;          // path; empty is Docker's default
    bool system_paths_unconfined = false; // nothing of /proc and /sys is masked or read-only
    bool operator==(const Security &) const = default;
};

struct Device {
    struct Number {
        bool block = false; // else a character device
        std::uint32_t major = 0, minor = 0;
        bool operator==(const Number &) const = default;
    };

    std::string source; // a device node, or a directory of them
    std::string target;
    std::string permissions = "rwm"; // empty: the node is there, and may not be opened
    // Where the node is not as the one at source; ids are the container's. With a number source is not looked
    // at.
    std::optional<std::uint32_t> mode, uid, gid;
    std::optional<Number> number;
    bool operator==(const Device &) const = default;
};

struct RestartPolicy {
    enum class Kind { no, always, on_failure, unless_stopped };
    Kind kind = Kind::no;
    int max_attempts = 0; // 0 is no limit
    std::optional<base::Duration> delay, window;
    bool operator==(const RestartPolicy &) const = default;
};

struct Healthcheck {
    std::vector<std::string> test; // {"CMD", ...} or {"CMD-SHELL", script}; empty is none
    std::optional<base::Duration> interval, timeout, start_period, start_interval;
    std::optional<int> retries;
    bool operator==(const Healthcheck &) const = default;
};

struct LogOptions {
    bool discard = false;                // driver "none"
    std::optional<base::Bytes> max_size; // of one file; empty is no limit
    std::optional<int> max_file;
    bool operator==(const LogOptions &) const = default;
};

struct Spec {
    std::string id; // 64 hex digits
    std::string name;
    std::string project;
    std::string service;
    int number = 1;
    bool one_off = false;
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> annotations;
    base::Timestamp created{};

    std::string image_id;
    std::string image_name;          // as the service asked for it
    std::vector<std::string> layers; // directories, lowest first
    bool read_only = false;          // the root file system

    std::string hostname;
    std::string domainname;
    Process process;
    Security security;
    Namespaces namespaces;
    std::vector<Mount> mounts;
    std::vector<GrantedFile> files; // secrets and configs given by content
    base::Bytes shm_size{64LL << 20};
    std::vector<Device> devices;
    std::vector<std::string>
        cdi_devices; // "vendor.com/class=name": what they come to is looked up at each start
    std::vector<std::string> device_cgroup_rules; // "c 1:3 mr"
    std::map<std::string, std::string> sysctls;   // "net.core.somaxconn"
    Resources resources;
    std::string cgroup_parent;

    std::vector<Endpoint> endpoints;
    std::vector<PublishedPort> ports;
    std::vector<std::string> expose;                              // "8080/tcp"
    std::vector<std::pair<std::string, std::string>> extra_hosts; // name, address or "host-gateway"
    std::vector<std::string> dns, dns_search, dns_options;
    std::map<std::string, std::string> links; // name only this container knows -> service or container

    std::string stop_signal = "SIGTERM";
    base::Duration stop_grace = std::chrono::seconds(10);
    RestartPolicy restart;
    Healthcheck healthcheck;
    LogOptions log;

    bool operator==(const Spec &) const = default;
};

// The form of container.json: {"version": 1, ...}. The content of `files` is not part of it: create() keeps
// it in files of its own.
[[nodiscard]] base::Json to_json(const Spec &spec);
// Missing members keep their defaults. @throws base::Error naming the member of the wrong type, or when the
// version is newer than this program.
[[nodiscard]] Spec spec_from_json(const base::Json &json);

// directory: of a container. nullopt when it holds none: the record is missing, or was not whole yet when the
// power went. @throws base::Error when it is damaged.
[[nodiscard]] std::optional<Spec> read_spec(const std::filesystem::path &directory);

// "TERM", "SIGTERM", "15" -> 15. @throws base::Error for anything else.
[[nodiscard]] int parse_signal(const std::string &text);

} // namespace container
