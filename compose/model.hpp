// The typed Compose model: what the rest of the program works on. Every path is absolute, every reference
// resolved, every short form expanded; a value that is absent here was not given.
#pragma once

#include "base/units.hpp"
#include "compose/source.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace compose {

using base::Bytes;
using base::Duration;
using base::NanoCpus;

using Labels = std::map<std::string, std::string>;
// No value: the variable is removed from what the image sets.
using Environment = std::map<std::string, std::optional<std::string>>;

struct Port {
    Location location;
    std::uint16_t target = 0;
    std::string published; // "", "8000" or a range "6005-6015" of which one is picked
    std::string host_ip;
    std::string protocol = "tcp"; // tcp | udp
    std::string mode = "ingress";
    std::string name;
    std::string app_protocol;
};

struct BindOptions {
    std::string propagation; // "", rprivate, shared, ...
    bool create_host_path = true;
    std::string selinux;
    std::string recursive; // "", enabled, disabled, writable, readonly
};

struct Mount {
    enum class Type { bind, volume, tmpfs };
    Location location;
    Type type = Type::volume;
    std::string source; // host path, or key of the top-level volume; empty: anonymous
    std::string target;
    bool read_only = false;
    BindOptions bind;
    bool nocopy = false;
    std::string subpath;
    std::optional<Bytes> tmpfs_size;
    std::optional<std::uint32_t> tmpfs_mode;
};

struct ServiceNetwork {
    Location location;
    std::vector<std::string> aliases;
    std::string ipv4_address;
    std::string ipv6_address;
    std::vector<std::string> link_local_ips;
    std::string mac_address;
    std::string interface_name;
    std::map<std::string, std::string> driver_opts;
    int priority = 0;
    int gw_priority = 0;
};

enum class Condition { started, healthy, completed_successfully };

struct Dependency {
    Location location;
    Condition condition = Condition::started;
    bool restart = false;
    bool required = true;
    bool implicit = false; // from links, volumes_from or a namespace mode
};

struct Healthcheck {
    Location location;
    bool disable = false;
    std::vector<std::string> test; // CMD ..., CMD-SHELL TEXT; empty: the image's
    std::optional<Duration> interval;
    std::optional<Duration> timeout;
    std::optional<Duration> start_period;
    std::optional<Duration> start_interval;
    std::optional<int> retries;
};

struct RestartPolicy {
    enum class Kind { no, always, on_failure, unless_stopped };
    Kind kind = Kind::no;
    int max_attempts = 0; // 0: no limit
};

struct DeployRestartPolicy {
    enum class Condition { none, on_failure, any };
    Condition condition = Condition::any;
    std::optional<Duration> delay;
    std::optional<int> max_attempts;
    std::optional<Duration> window;
};

struct Ulimit {
    std::int64_t soft = 0; // -1: unlimited
    std::int64_t hard = 0;

    bool operator==(const Ulimit &) const = default;
};

struct FileGrant { // of a secret or a config
    Location location;
    std::string source; // key of the top-level element
    std::string target; // absolute path in the container
    std::optional<std::string> uid;
    std::optional<std::string> gid;
    std::optional<std::uint32_t> mode;
};

struct Device {
    Location location;
    std::string source;
    std::string target;
    std::string permissions = "rwm";
};

struct Logging {
    std::string driver; // "", json-file, local, none
    std::map<std::string, std::string> options;
};

// network_mode, pid, ipc and the like: a mode word, or a service or container whose namespace is joined.
struct NamespaceMode {
    enum class Kind { unset, private_, host, none, bridge, shareable, service, container };
    Kind kind = Kind::unset;
    std::string name; // of the service or container
    Location location;
};

struct BlkioRate {
    std::string path;
    std::uint64_t rate = 0; // bytes or operations per second
};

struct BlkioWeight {
    std::string path;
    std::uint16_t weight = 0;
};

struct Blkio {
    std::uint16_t weight = 0; // 0: unset
    std::vector<BlkioWeight> weight_device;
    std::vector<BlkioRate> device_read_bps, device_write_bps, device_read_iops, device_write_iops;
};

struct Resources {
    std::optional<Bytes> memory;
    std::optional<Bytes> memory_reservation;
    std::optional<Bytes> memory_swap; // total of memory and swap; -1: unlimited
    std::optional<int> memory_swappiness;
    std::optional<NanoCpus> cpus;
    std::optional<std::uint64_t> cpu_shares;
    std::optional<Duration> cpu_period;
    std::optional<Duration> cpu_quota;
    std::string cpuset;
    std::optional<std::int64_t> pids; // -1: unlimited
    bool oom_kill_disable = false;
    Blkio blkio;
};

struct BuildSecret {
    std::string source;                          // key of the top-level element
    std::string id;                              // for RUN --mount=type=secret
    std::optional<std::uint32_t> uid, gid, mode; // where RUN --mount does not say

    bool operator==(const BuildSecret &) const = default;
};

// Equal ones of equal images are one build.
struct Build {
    std::string context;    // absolute, or a URL
    std::string dockerfile; // relative to the context
    std::optional<std::string> dockerfile_inline;
    std::map<std::string, std::string> args;
    std::map<std::string, std::string> additional_contexts; // name -> absolute path, TYPE://..., service:NAME
    std::string target;
    Labels labels;
    std::vector<std::string> tags;
    std::vector<std::string> platforms;
    std::vector<std::string> entitlements;
    std::vector<std::string> no_cache_filter;
    std::string network; // "", default, none, host, or a name
    std::vector<BuildSecret> secrets;
    std::map<std::string, std::string> ssh; // id -> a socket or key file; empty: the agent of the environment
    std::vector<std::string> cache_from, cache_to;
    std::string provenance, sbom; // "", "true", "false", "mode=max", ...
    std::vector<std::pair<std::string, std::string>> extra_hosts;
    std::map<std::string, Ulimit> ulimits;
    std::optional<Bytes> shm_size;
    bool no_cache = false;
    bool pull = false;
    bool privileged = false;

    bool operator==(const Build &) const = default;
};

struct Service {
    std::string name;
    Location location;

    std::string image; // PROJECT-SERVICE when it only has a build
    std::optional<Build> build;
    std::string pull_policy; // "", always, never, missing, build, daily, weekly, every_X
    std::string platform;

    std::optional<std::vector<std::string>> command;    // absent: the image's; empty: cleared
    std::optional<std::vector<std::string>> entrypoint; // likewise
    Environment environment;                            // env_file merged in
    std::string user;
    std::vector<std::string> group_add;
    std::string working_dir;
    std::string hostname;
    std::string domainname;
    std::string container_name;
    Labels labels;
    Labels annotations;

    std::vector<Port> ports;
    std::vector<std::string> expose; // "8080/tcp"
    std::vector<Mount> volumes;
    std::vector<std::string> tmpfs; // PATH[:options]
    std::vector<FileGrant> secrets;
    std::vector<FileGrant> configs;

    std::map<std::string, ServiceNetwork> networks; // empty with a network_mode
    NamespaceMode network_mode, pid, ipc, uts, cgroup, userns;
    std::string mac_address;
    std::vector<std::string> links; // "SERVICE:ALIAS"
    std::vector<std::pair<std::string, std::string>> extra_hosts;
    std::vector<std::string> dns, dns_search, dns_opt;

    std::map<std::string, Dependency> depends_on; // implicit ones included
    std::optional<Healthcheck> healthcheck;
    RestartPolicy restart;
    std::optional<DeployRestartPolicy> deploy_restart;
    int replicas = 1; // of scale and deploy.replicas
    std::vector<std::string> profiles;
    std::optional<bool> init;
    std::string stop_signal;
    std::optional<Duration> stop_grace_period;
    bool attach = true;

    std::vector<std::string> cap_add, cap_drop, security_opt;
    bool privileged = false;
    bool read_only = false;
    std::map<std::string, Ulimit> ulimits;
    std::map<std::string, std::string> sysctls;
    std::vector<Device> devices;
    std::vector<std::string> device_cgroup_rules;
    std::optional<Bytes> shm_size;
    std::optional<int> oom_score_adj;
    Resources resources;
    std::string cgroup_parent;
    Logging logging;
    bool tty = false;
    bool stdin_open = false;

    // Lower-case hex SHA-256 of what a container must be recreated for (features.md 14.2), without the
    // content of configs and secrets, which the planner adds.
    std::string config_hash;
};

struct IpamConfig {
    std::string subnet, ip_range, gateway;
    std::map<std::string, std::string> aux_addresses;
};

struct Network {
    std::string key;
    std::string name; // PROJECT_KEY or as given
    Location location;
    std::string driver; // "" or bridge; host and none only as external
    std::map<std::string, std::string> driver_opts;
    bool external = false;
    bool internal = false;
    bool attachable = false;
    std::optional<bool> enable_ipv4, enable_ipv6;
    std::vector<IpamConfig> ipam;
    Labels labels;
    std::string config_hash;
};

struct Volume {
    std::string key;
    std::string name;
    Location location;
    std::string driver;
    std::map<std::string, std::string> driver_opts;
    bool external = false;
    Labels labels;
    std::string config_hash;
};

struct FileObject { // a secret or a config
    std::string key;
    std::string name;
    Location location;
    enum class From { file, environment, content } from = From::file;
    std::string value;                  // path, variable name or text
    std::optional<std::string> content; // of environment and content; absent: the variable is not set
    bool external = false;
    Labels labels;
};

struct Project {
    std::string name;
    std::string working_dir;
    std::vector<std::string> files;     // absolute
    std::vector<std::string> env_files; // absolute
    std::vector<std::string> active_profiles;

    // Enabled services only; the names of those that a profile disables follow.
    std::map<std::string, Service> services;
    std::map<std::string, Service> disabled_services;
    std::map<std::string, Network> networks;
    std::map<std::string, Volume> volumes;
    std::map<std::string, FileObject> secrets;
    std::map<std::string, FileObject> configs;
    // What interpolation saw: process environment over env files over COMPOSE_PROJECT_NAME.
    std::map<std::string, std::string> environment;
};

} // namespace compose
