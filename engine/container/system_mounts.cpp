#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cgroup_hierarchy.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/devices.hpp"
#include "engine/container/mount_namespace.hpp"
#include "engine/container/mount_steps.hpp"
#include "engine/container/namespaces.hpp"
#include "engine/container/terminal.hpp"

#include <linux/mount.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

constexpr std::uint64_t locked_down = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

bool is_replaced(const MountWork &work, const std::string &target) {
    return work.targets.contains(target) || (target.starts_with("/dev/") && work.targets.contains("/dev"));
}

void attach(MountWork &work, int slot, const std::string &target) {
    Step &step = work.builder.add(Op::attach, StartStage::mount, target);
    step.slot = slot;
    step.x = attach_make_dir | attach_no_symlinks;
}

void attach(MountWork &work, base::UniqueFd mount, const std::string &target) {
    attach(work, work.builder.own(std::move(mount)), target);
}

// Belongs to the namespaces of whoever mounts it.
void attach_made_in_child(MountWork &work, const char *type, std::uint64_t attributes,
                          const std::string &target) {
    if (is_replaced(work, target))
        return;
    Step &step = work.builder.add(Op::make_fs, StartStage::mount, type);
    step.into = work.builder.empty_slot();
    step.x = attributes;
    attach(work, step.into, target);
}

Terminal add_dev(MountWork &work, const Identity &identity) {
    const std::vector<DeviceNode> nodes = requested_devices(work.spec);
    make_nodes_outside_dev(work.root, nodes);
    if (!is_replaced(work, "/dev"))
        attach(work, make_dev(nodes), "/dev");
    base::UniqueFd pts = make_filesystem("devpts", {{"gid", "5"}, {"mode", "620"}, {"ptmxmode", "666"}},
                                         MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    Terminal terminal;
    if (work.spec.process.tty)
        terminal = open_terminal(pts.get(), work.context.window, identity.uid);
    attach(work, std::move(pts), "/dev/pts");
    return terminal;
}

void add_console(MountWork &work) {
    Step &clone = work.builder.add(Op::clone_tree, StartStage::terminal, "/dev/pts/0");
    const int slot = clone.into = work.builder.empty_slot();
    Step &step = work.builder.add(Op::attach, StartStage::terminal, "/dev/console");
    step.slot = slot;
    step.x = attach_make_file | attach_no_symlinks;
}

void add_v1_cgroups(MountWork &work, const Hierarchy &hierarchy, bool read_only) {
    base::UniqueFd top = make_filesystem("tmpfs", {{"mode", "755"}}, locked_down);
    std::vector<std::pair<std::string, std::string>> groups; // name, path on the host
    for (const auto &[controller, base_directory] : hierarchy.v1) {
        const base::fs::path group = work.context.cgroup.path(controller);
        if (group.empty())
            continue;
        const base::fs::path below_mounts = base_directory.lexically_relative("/sys/fs/cgroup");
        const std::string name = below_mounts.begin()->string();
        if (groups.empty() || groups.back().first != name)
            groups.emplace_back(name, group);
        const std::string link = controller.substr(controller.find('=') + 1);
        if (link != name)
            base::check(::symlinkat(name.c_str(), top.get(), link.c_str()), "create link",
                        "/sys/fs/cgroup/" + link);
    }
    for (const auto &[name, path] : groups)
        if (::mkdirat(top.get(), name.c_str(), 0755) < 0 && errno != EEXIST)
            base::throw_errno("create directory", "/sys/fs/cgroup/" + name);
    attach(work, std::move(top), "/sys/fs/cgroup");
    TreeOptions options;
    options.read_only = read_only;
    options.attributes = locked_down;
    for (const auto &[name, path] : groups)
        attach(work, clone_tree(AT_FDCWD, path, options, path), "/sys/fs/cgroup/" + name);
}

void add_cgroups(MountWork &work) {
    if (is_replaced(work, "/sys/fs/cgroup"))
        return;
    static const Hierarchy hierarchy = detect_hierarchy();
    const bool read_only = !work.spec.security.privileged;
    if (hierarchy.kind == CgroupKind::v2)
        attach_made_in_child(work, "cgroup2", locked_down | (read_only ? MOUNT_ATTR_RDONLY : 0),
                             "/sys/fs/cgroup");
    else if (hierarchy.kind != CgroupKind::none)
        add_v1_cgroups(work, hierarchy, read_only);
}

base::UniqueFd shared_memory(MountWork &work) {
    const NamespaceMode &ipc = work.spec.namespaces.ipc;
    if (ipc.kind == NamespaceMode::Kind::host)
        return clone_tree(AT_FDCWD, "/dev/shm", {}, "/dev/shm");
    if (ipc.kind == NamespaceMode::Kind::container)
        return in_mount_namespace_of(joined(work.context, ipc.container), [] {
            return clone_tree(AT_FDCWD, "/dev/shm", {},
                              "/dev/shm of the container that shares its ipc namespace");
        });
    return make_filesystem("tmpfs", {{"size", std::to_string(work.spec.shm_size.value)}, {"mode", "1777"}},
                           locked_down, "shm");
}

} // namespace

Terminal add_system_mounts(MountWork &work, const Identity &identity) {
    const bool privileged = work.spec.security.privileged;
    attach_made_in_child(work, "proc", locked_down, "/proc");
    Terminal terminal = add_dev(work, identity);
    attach_made_in_child(work, "sysfs", locked_down | (privileged ? 0 : MOUNT_ATTR_RDONLY), "/sys");
    add_cgroups(work);
    attach_made_in_child(work, "mqueue", locked_down, "/dev/mqueue");
    if (!is_replaced(work, "/dev/shm"))
        attach(work, shared_memory(work), "/dev/shm");
    if (work.spec.process.tty)
        add_console(work);
    return terminal;
}

} // namespace container
