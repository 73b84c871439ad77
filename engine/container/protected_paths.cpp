#include "engine/container/mount_steps.hpp"

#include <linux/mount.h>
#include <sys/stat.h>

namespace container {

namespace {

constexpr const char *masked[] = {
    "/proc/asound",
    "/proc/acpi",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/timer_list",
    "/proc/timer_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/sys/firmware",
    "/sys/devices/virtual/powercap",
};

constexpr const char *read_only[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                     "/proc/sysrq-trigger"};

void attach(MountWork &work, int slot, const char *path) {
    Step &step = work.builder.add(Op::attach, StartStage::mount, path);
    step.slot = slot;
    step.x = attach_no_symlinks;
    step.optional = true;
}

int clone(MountWork &work, const char *path) {
    const int slot = work.builder.empty_slot();
    Step &step = work.builder.add(Op::clone_tree, StartStage::mount, path);
    step.into = slot;
    step.optional = true;
    return slot;
}

// A directory is covered by an empty one, anything else by /dev/null.
void mask(MountWork &work, const char *path, bool directory) {
    if (!directory) {
        attach(work, clone(work, "/dev/null"), path);
        return;
    }
    const int slot = work.builder.empty_slot();
    Step &step = work.builder.add(Op::make_fs, StartStage::mount, "tmpfs");
    step.into = slot;
    step.x = MOUNT_ATTR_RDONLY;
    attach(work, slot, path);
}

void make_read_only(MountWork &work, const char *path) {
    const int slot = clone(work, path);
    Step &step = work.builder.add_slot(Op::set_attr, StartStage::mount, slot);
    step.x = MOUNT_ATTR_RDONLY;
    step.subject = path;
    attach(work, slot, path);
}

} // namespace

void add_protected_paths(MountWork &work) {
    if (work.spec.security.privileged || work.spec.security.system_paths_unconfined)
        return;

    // One kernel serves both sides: what it does not offer here it does not offer in the container.
    struct stat status {};

    for (const char *path : read_only)
        if (::lstat(path, &status) == 0)
            make_read_only(work, path);
    for (const char *path : masked)
        if (::lstat(path, &status) == 0)
            mask(work, path, S_ISDIR(status.st_mode));
}

} // namespace container
