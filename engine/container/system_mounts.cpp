#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/cgroup_hierarchy.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/devices.hpp"
#include "engine/container/id_map.hpp"
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
int make_in_child(MountWork &work, const char *type, std::uint64_t attributes) {
    Step &step = work.builder.add(Op::make_fs, StartStage::mount, type);
    step.x = attributes;
    return step.into = work.builder.empty_slot();
}

void attach_made_in_child(MountWork &work, const char *type, std::uint64_t attributes,
                          const std::string &target) {
    if (!is_replaced(work, target))
        attach(work, make_in_child(work, type, attributes), target);
}

// A tmpfs made here, whose root directory belongs to the container's root.
base::UniqueFd make_tmpfs(const MountWork &work, MountOptions options, const std::string &source = {}) {
    const Owner root = host_owner(work.spec, {});
    options.emplace_back("uid", std::to_string(root.uid));
    options.emplace_back("gid", std::to_string(root.gid));
    return make_filesystem("tmpfs", options, locked_down, source);
}

// Its own files belong to whoever mounts it, which is the host's root.
base::UniqueFd make_devpts(const MountWork &work) {
    constexpr gid_t tty = 5;
    const Owner root = host_owner(work.spec, {});
    const gid_t group = host_owner(work.spec, {0, tty}).gid;
    base::UniqueFd pts =
        make_filesystem("devpts", {{"gid", std::to_string(group)}, {"mode", "620"}, {"ptmxmode", "666"}},
                        MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    for (const char *name : {"", "ptmx"})
        base::check(::fchownat(pts.get(), name, root.uid, root.gid, AT_EMPTY_PATH), "set owner of",
                    std::string("/dev/pts/") + name);
    return pts;
}

Terminal add_dev(MountWork &work, const Identity &identity) {
    std::vector<DeviceNode> nodes = requested_devices(work.spec);
    for (DeviceNode &node : nodes)
        node.owner = host_owner(work.spec, node.owner);
    const Owner root = host_owner(work.spec, {});
    make_nodes_outside_dev(work.root, nodes, root);
    if (!is_replaced(work, "/dev"))
        attach(work, make_dev(nodes, root), "/dev");
    base::UniqueFd pts = make_devpts(work);
    Terminal terminal;
    if (work.spec.process.tty)
        terminal =
            open_terminal(pts.get(), work.context.window, host_owner(work.spec, {identity.uid, 0}).uid);
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
    base::UniqueFd top = make_tmpfs(work, {{"mode", "755"}});
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
    const std::uint64_t attributes = locked_down | (read_only ? MOUNT_ATTR_RDONLY : 0);
    // The host's view of them is the host's to mount.
    if (hierarchy.kind == CgroupKind::v2 && work.spec.namespaces.cgroup.kind == NamespaceMode::Kind::host)
        attach(work, make_filesystem("cgroup2", {}, attributes), "/sys/fs/cgroup");
    else if (hierarchy.kind == CgroupKind::v2)
        attach_made_in_child(work, "cgroup2", attributes, "/sys/fs/cgroup");
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
    return make_tmpfs(work, {{"size", std::to_string(work.spec.shm_size.value)}, {"mode", "1777"}}, "shm");
}

} // namespace

void add_kernel_filesystems(MountWork &work) {
    const bool privileged = work.spec.security.privileged;
    if (!is_replaced(work, "/proc"))
        work.proc = make_in_child(work, "proc", locked_down);
    if (!is_replaced(work, "/sys"))
        work.sysfs = make_in_child(work, "sysfs", locked_down | (privileged ? 0 : MOUNT_ATTR_RDONLY));
}

Terminal add_system_mounts(MountWork &work, const Identity &identity) {
    if (work.proc >= 0)
        attach(work, work.proc, "/proc");
    Terminal terminal = add_dev(work, identity);
    if (work.sysfs >= 0)
        attach(work, work.sysfs, "/sys");
    add_cgroups(work);
    attach_made_in_child(work, "mqueue", locked_down, "/dev/mqueue");
    if (!is_replaced(work, "/dev/shm"))
        attach(work, shared_memory(work), "/dev/shm");
    if (work.spec.process.tty)
        add_console(work);
    return terminal;
}

} // namespace container
