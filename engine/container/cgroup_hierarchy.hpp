// Which cgroup hierarchies this host has, and the directory below which ours are made. Read once per process;
// parsing is pure.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace container {

enum class CgroupKind {
    none,   // nothing mounted, or nothing this user may write
    v1,     // one hierarchy per controller
    hybrid, // v1 controllers, and a cgroup2 mount without them that still can kill, freeze and notify
    v2,     // the unified hierarchy
};

struct Hierarchy {
    CgroupKind kind = CgroupKind::none;
    // The cgroup2 directory that holds `compose/`; set for hybrid and v2.
    std::optional<std::filesystem::path> unified;
    // v1 controller ("memory", "name=systemd") -> directory that holds `compose/`. Controllers mounted
    // together share one path.
    std::map<std::string, std::filesystem::path> v1;
};

// The place of one process in every hierarchy, as directories of this mount namespace.
struct OwnPlace {
    std::optional<std::filesystem::path> unified;
    std::map<std::string, std::filesystem::path> v1;
};

// From the texts of /proc/self/mountinfo and /proc/PID/cgroup. A hierarchy whose mount shows only a part of
// the tree that excludes the process is left out.
[[nodiscard]] OwnPlace parse_place(std::string_view mountinfo, std::string_view cgroup);

// The roots of the mounts, from /proc/self/mountinfo alone.
[[nodiscard]] OwnPlace parse_roots(std::string_view mountinfo);

// Where a process is, without the hierarchies it has no group of its own in (the root), and without those
// that COMPOSE_CGROUP_KIND hides. @throws base::SystemError when there is no such process.
[[nodiscard]] OwnPlace place_of(pid_t pid);

// Ours are made at the visible root of each hierarchy, so that every invocation finds the same place and none
// dies with a login session; where that may not be written, below this process's own cgroup.
// The environment variable COMPOSE_CGROUP_KIND (v1, v2) hides the other hierarchies from a hybrid host.
// @throws base::Error when that variable asks for what is not mounted.
[[nodiscard]] Hierarchy detect_hierarchy();

} // namespace container
