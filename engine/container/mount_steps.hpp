// The parts of the child's program that build its file system, each adding its steps. What can be mounted by
// descriptor is made here, in the parent; what needs the child's namespaces becomes a step of its own.
#pragma once

#include "engine/container/program_builder.hpp"
#include "engine/container/spawn.hpp"
#include "engine/container/users.hpp"

#include <filesystem>
#include <set>
#include <string>

namespace container {

struct MountWork {
    ProgramBuilder &builder;
    const Spec &spec;
    const StartContext &context;
    std::filesystem::path directory; // the container's, on the host
    const Identity &identity;        // of its process
    int root = -1;                   // of its file system, detached and writable
    std::set<std::string> targets;   // of the specification's mounts, normal form
    int user_namespace = -1;         // with the container's ids, when it has its own
    int proc = -1, sysfs = -1;       // slots of the file systems, made by add_kernel_filesystems()

    // A directory of the host, for what is mounted there for the time being. The root of a user namespace has
    // no rights over directories of the host that are in the way to the container's.
    [[nodiscard]] std::string host_place() const {
        return user_namespace < 0 ? directory.string() : std::string("/proc");
    }
};

// Absolute, without "..", "//" or a trailing slash. @throws base::Error when it is relative.
[[nodiscard]] std::string normal_target(const std::string &target);
[[nodiscard]] std::set<std::string> mount_targets(const Spec &spec);

// Before pivot: proc and sysfs. In a user namespace they may be mounted only where the host's can be seen.
void add_kernel_filesystems(MountWork &work);

// Before pivot: granted files become detached mounts. Returns their slots, in the order of spec.files.
[[nodiscard]] std::vector<int> add_granted_files(MountWork &work);

// After pivot: /proc, /dev, /sys, control groups, mqueue, shm. Returns the terminal's two ends, if any.
struct Terminal {
    base::UniqueFd master;
    base::UniqueFd slave;
};

[[nodiscard]] Terminal add_system_mounts(MountWork &work, const Identity &identity);

// The specification's mounts, granted files, /etc/hosts and its like, and init; parents before children.
void add_user_mounts(MountWork &work, const std::vector<int> &granted);

// What Docker masks or makes read-only in /proc and /sys, unless the specification wants it open.
void add_protected_paths(MountWork &work);

} // namespace container
