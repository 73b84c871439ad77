#include "engine/container/devices.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/rootfs.hpp"

#include <linux/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

struct DefaultNode {
    const char *name;
    unsigned major, minor;
};

constexpr DefaultNode default_nodes[] = {
    {"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

struct Link {
    const char *name;
    const char *to;
};

constexpr Link links[] = {
    {"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
};

constexpr const char *mount_points[] = {"pts", "shm", "mqueue"};

// The container has its own of these.
constexpr const char *not_copied[] = {"pts",         "shm",   "fd",      "mqueue", ".lxc",
                                      ".lxd-mounts", ".udev", "console", "ptmx"};

bool is_device(const struct stat &status) {
    return S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode);
}

DeviceNode node_like(const struct stat &status, const std::string &target) {
    return {target, status.st_mode, status.st_rdev, {status.st_uid, status.st_gid}};
}

void collect(const std::string &source, const std::string &target, std::vector<DeviceNode> &nodes) {
    for (const std::string &name : base::list_dir(source)) {
        if (std::find(std::begin(not_copied), std::end(not_copied), name) != std::end(not_copied))
            continue;

        struct stat status {};

        const std::string path = source + "/" + name;
        if (::lstat(path.c_str(), &status) < 0)
            continue; // unplugged meanwhile
        if (S_ISDIR(status.st_mode))
            collect(path, target + "/" + name, nodes);
        else if (is_device(status))
            nodes.push_back(node_like(status, target + "/" + name));
    }
}

DeviceNode node_by_number(const Device &device) {
    constexpr std::uint32_t for_all = 0666;
    const Device::Number &number = *device.number;
    return {device.target,
            (number.block ? S_IFBLK : S_IFCHR) | device.mode.value_or(for_all),
            makedev(number.major, number.minor),
            {device.uid.value_or(0), device.gid.value_or(0)}};
}

void collect_requested(const Device &device, std::vector<DeviceNode> &nodes) {
    if (device.number)
        return nodes.push_back(node_by_number(device));

    struct stat status {};

    if (::stat(device.source.c_str(), &status) < 0)
        throw base::SystemError("use device", errno, device.source,
                                "plug it in, load its driver, or remove it "
                                "from `devices`");
    const std::size_t before = nodes.size();
    if (S_ISDIR(status.st_mode))
        collect(device.source, device.target, nodes);
    else if (is_device(status))
        nodes.push_back(node_like(status, device.target));
    else
        throw base::Error(device.source + " is not a device", "to share a file, use `volumes`");
    for (std::size_t index = before; index < nodes.size(); ++index) {
        DeviceNode &node = nodes[index];
        node.mode = device.mode ? (node.mode & S_IFMT) | *device.mode : node.mode;
        node.owner = {device.uid.value_or(node.owner.uid), device.gid.value_or(node.owner.gid)};
    }
}

void give(int directory, const std::string &name, Owner owner, const std::string &subject) {
    base::check(::fchownat(directory, name.c_str(), owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW),
                "set owner of", subject);
}

void make_link(int dev, const Link &link, Owner owner) {
    base::check(::symlinkat(link.to, dev, link.name), "create link", std::string("/dev/") + link.name);
    give(dev, link.name, owner, std::string("/dev/") + link.name);
}

void make_node(int directory, const std::string &name, const DeviceNode &node) {
    if (::unlinkat(directory, name.c_str(), 0) < 0 && errno != ENOENT)
        base::throw_errno("replace", node.target);
    base::check(::mknodat(directory, name.c_str(), node.mode, node.number), "create device", node.target);
    base::check(::fchmodat(directory, name.c_str(), node.mode & 07777, 0), "set mode of", node.target);
    give(directory, name, node.owner, node.target);
}

// The directory that holds `path` below root, made when missing.
base::UniqueFd parent_directory(int root, const std::string &path, Owner owner) {
    std::string made;
    const base::fs::path parent = base::fs::path(path).parent_path().relative_path();
    for (const base::fs::path &part : parent) {
        const base::UniqueFd above = open_in_root(root, made.empty() ? "." : made, O_RDONLY | O_DIRECTORY);
        if (!above)
            break;
        if (::mkdirat(above.get(), part.c_str(), 0755) == 0)
            give(above.get(), part, owner, path);
        else if (errno != EEXIST)
            base::throw_errno("create directory for device", path);
        made += (made.empty() ? "" : "/") + part.string();
    }
    base::UniqueFd directory =
        open_in_root(root, parent.empty() ? "." : parent.string(), O_RDONLY | O_DIRECTORY);
    if (!directory)
        throw base::SystemError("create device", ENOTDIR, path);
    return directory;
}

bool below_dev(const DeviceNode &node) {
    return node.target.starts_with("/dev/");
}

} // namespace

std::vector<DeviceNode> requested_devices(const Spec &spec) {
    std::vector<DeviceNode> nodes;
    if (spec.security.privileged)
        collect("/dev", "/dev", nodes);
    for (const Device &device : spec.devices)
        collect_requested(device, nodes);
    return nodes;
}

std::vector<DeviceRule> device_rules(const Spec &spec) {
    if (spec.security.privileged)
        return {};
    std::vector<DeviceRule> rules = default_device_rules();
    for (const Device &device : spec.devices) {
        if (device.permissions.empty())
            continue;
        std::vector<DeviceNode> nodes;
        collect_requested(device, nodes);
        for (const DeviceNode &node : nodes)
            rules.push_back({true, S_ISBLK(node.mode) ? 'b' : 'c', major(node.number), minor(node.number),
                             device.permissions});
    }
    for (const std::string &rule : spec.device_cgroup_rules)
        rules.push_back(parse_device_rule(rule));
    return rules;
}

base::UniqueFd make_dev(const std::vector<DeviceNode> &nodes, Owner owner) {
    base::UniqueFd dev = make_filesystem("tmpfs",
                                         {{"size", "65536k"},
                                          {"mode", "755"},
                                          {"uid", std::to_string(owner.uid)},
                                          {"gid", std::to_string(owner.gid)}},
                                         MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME);
    for (const DefaultNode &node : default_nodes)
        make_node(dev.get(), node.name,
                  {std::string("/dev/") + node.name, S_IFCHR | 0666, makedev(node.major, node.minor), owner});
    for (const char *name : mount_points) {
        base::check(::mkdirat(dev.get(), name, 0755), "create directory", std::string("/dev/") + name);
        give(dev.get(), name, owner, std::string("/dev/") + name);
    }
    for (const Link &link : links)
        make_link(dev.get(), link, owner);
    if (::access("/proc/kcore", F_OK) == 0)
        make_link(dev.get(), {"core", "/proc/kcore"}, owner);
    for (const DeviceNode &node : nodes) {
        if (!below_dev(node))
            continue;
        const std::string inside = node.target.substr(std::string("/dev").size());
        const base::UniqueFd directory = parent_directory(dev.get(), inside, owner);
        make_node(directory.get(), base::fs::path(inside).filename(), node);
    }
    return dev;
}

void make_nodes_outside_dev(int root, const std::vector<DeviceNode> &nodes, Owner owner) {
    for (const DeviceNode &node : nodes) {
        if (below_dev(node))
            continue;
        const base::UniqueFd directory = parent_directory(root, node.target, owner);
        make_node(directory.get(), base::fs::path(node.target).filename(), node);
    }
}

} // namespace container
