#include "engine/container/detached_mount.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>
#include <fcntl.h>
#include <sstream>

namespace container {

namespace {

struct PropagationChange {
    std::uint64_t type;
    bool recursive;
};

PropagationChange change_for(Propagation propagation) {
    switch (propagation) {
    case Propagation::private_:
        return {MS_PRIVATE, false};
    case Propagation::rslave:
        return {MS_SLAVE, true};
    case Propagation::slave:
        return {MS_SLAVE, false};
    case Propagation::rshared:
        return {MS_SHARED, true};
    case Propagation::shared:
        return {MS_SHARED, false};
    case Propagation::rprivate:
        break;
    }
    return {MS_PRIVATE, true};
}

void change(int mount, const mount_attr &attributes, bool recursive, const std::string &subject) {
    const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    base::check(base::sys_mount_setattr(mount, "", flags, attributes), "set mount options of", subject);
}

// "ext4"; empty when the mount table does not tell.
std::string filesystem_type(int mount) {
    struct stat status {};

    base::check(::fstat(mount, &status), "examine mount", "");
    const std::string device =
        std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
    std::istringstream lines(base::read_file("/proc/self/mountinfo"));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        std::string id, parent, number, type;
        words >> id >> parent >> number;
        const std::size_t separator = line.find(" - ");
        if (number == device && separator != std::string::npos
            && std::istringstream(line.substr(separator + 3)) >> type)
            return type;
    }
    return {};
}

[[noreturn]] void throw_unmappable(int mount, int error, bool below, const std::string &subject) {
    if (error != EINVAL && error != EPERM)
        throw base::SystemError("map the ids of", error, subject);
    const std::string type = filesystem_type(mount);
    throw base::Error("mount " + subject + ": "
                          + (below ? "a file system mounted below it"
                                   : "its file system" + (type.empty() ? std::string() : ", " + type + ","))
                          + " can't be id-mapped, as a container with a user namespace of its own needs",
                      std::string("use ext4, xfs or btrfs, ")
                          + (below ? "mount it without what is below it, " : "")
                          + "or set `userns_mode: host`");
}

void map_ids(int mount, int user_namespace, bool recursive, const std::string &subject) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_IDMAP;
    attributes.userns_fd = static_cast<std::uint64_t>(user_namespace);
    const unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
    if (base::sys_mount_setattr(mount, "", flags, attributes) == 0)
        return;
    const int error = errno;
    const bool below = recursive && base::sys_mount_setattr(mount, "", AT_EMPTY_PATH, attributes) == 0;
    throw_unmappable(mount, error, below, subject);
}

} // namespace

base::UniqueFd make_filesystem(const char *type, const MountOptions &options, std::uint64_t attributes,
                               const std::string &source) {
    const base::UniqueFd fs(base::sys_fsopen(type));
    if (!fs)
        base::throw_errno("mount", type);
    base::check(base::sys_fsconfig(fs.get(), FSCONFIG_SET_STRING, "source",
                                   source.empty() ? type : source.c_str(), 0),
                "mount", type);
    for (const auto &[key, value] : options)
        base::check(base::sys_fsconfig(fs.get(), FSCONFIG_SET_STRING, key.c_str(), value.c_str(), 0), "mount",
                    std::string(type) + " with " + key + "=" + value);
    base::check(base::sys_fsconfig(fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), "mount", type);
    return base::UniqueFd(
        base::check(base::sys_fsmount(fs.get(), static_cast<unsigned>(attributes)), "mount", type));
}

base::UniqueFd clone_tree(int at, const std::string &path, const TreeOptions &options,
                          const std::string &subject) {
    const unsigned flags =
        OPEN_TREE_CLONE | (options.recursive ? AT_RECURSIVE : 0) | (path.empty() ? AT_EMPTY_PATH : 0);
    base::UniqueFd mount(base::check(base::sys_open_tree(at, path.c_str(), flags), "mount", subject));
    const PropagationChange propagation = change_for(options.propagation);
    mount_attr attributes{};
    attributes.propagation = propagation.type;
    change(mount.get(), attributes, propagation.recursive && options.recursive, subject);
    if (options.user_namespace >= 0)
        map_ids(mount.get(), options.user_namespace, options.recursive, subject);
    attributes = {};
    attributes.attr_set = options.attributes | (options.read_only ? MOUNT_ATTR_RDONLY : 0);
    if (attributes.attr_set != 0)
        change(mount.get(), attributes, options.recursive && options.read_only_below, subject);
    return mount;
}

bool is_directory(int mount) {
    struct stat status {};

    base::check(::fstat(mount, &status), "examine mount", "");
    return S_ISDIR(status.st_mode);
}

} // namespace container
