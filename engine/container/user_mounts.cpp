#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/init_program.hpp"
#include "engine/container/mount_steps.hpp"
#include "engine/container/propagation.hpp"
#include "engine/container/rootfs.hpp"

#include <fmt/format.h>

#include <linux/mount.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

struct Prepared {
    std::string target;
    int slot;
    bool directory;
};

base::UniqueFd prepare(const MountWork &work, const BindMount &bind, const Mount &mount) {
    if (bind.create_source && ::access(bind.source.c_str(), F_OK) < 0 && errno == ENOENT)
        base::make_dirs(bind.source);
    if (!bind.id_map.empty())
        throw base::Error("mount " + mount.target + ": mounts with a user id mapping are not supported");
    check_propagation(bind, mount.target);
    TreeOptions options;
    options.recursive = bind.recursive;
    options.read_only = mount.read_only;
    options.read_only_below = bind.recursive_read_only;
    options.propagation = bind.propagation;
    options.attributes = (bind.nosuid ? MOUNT_ATTR_NOSUID : 0) | (bind.nodev ? MOUNT_ATTR_NODEV : 0)
                         | (bind.noexec ? MOUNT_ATTR_NOEXEC : 0);
    options.user_namespace = work.user_namespace;
    return clone_tree(AT_FDCWD, bind.source, options, bind.source + " on " + mount.target);
}

base::UniqueFd prepare(const MountWork &work, const VolumeMount &volume, const Mount &mount) {
    TreeOptions options;
    options.read_only = mount.read_only;
    options.user_namespace = work.user_namespace;
    const std::string subject = "volume " + volume.name + " on " + mount.target;
    if (volume.subpath.empty())
        return clone_tree(AT_FDCWD, volume.source, options, subject);
    const base::UniqueFd top = base::open_dir(volume.source);
    const base::UniqueFd part = open_in_root(top.get(), volume.subpath, O_PATH);
    if (!part)
        throw base::SystemError("mount", ENOENT, volume.subpath + " of " + subject,
                                "create it in the volume first");
    return clone_tree(part.get(), "", options, subject);
}

// As runc: a tmpfs looks like the directory it covers, unless its mode is given.
std::uint32_t mode_below(int root, const std::string &target) {
    struct stat status {};

    const base::UniqueFd covered = open_in_root(root, target, O_PATH);
    return covered && ::fstat(covered.get(), &status) == 0 && S_ISDIR(status.st_mode) ? status.st_mode & 07777
                                                                                      : 01777;
}

std::uint64_t access_times(const TmpfsMount &tmpfs) {
    return (tmpfs.access_times == "noatime"       ? MOUNT_ATTR_NOATIME
            : tmpfs.access_times == "strictatime" ? MOUNT_ATTR_STRICTATIME
                                                  : MOUNT_ATTR_RELATIME)
           | (tmpfs.directory_access_times ? 0 : MOUNT_ATTR_NODIRATIME);
}

base::UniqueFd prepare(const MountWork &work, const TmpfsMount &tmpfs, const Mount &mount) {
    const std::uint32_t mode = tmpfs.mode ? *tmpfs.mode : mode_below(work.root, mount.target);
    MountOptions options{{"mode", fmt::format("{:o}", mode)}};
    if (tmpfs.size)
        options.emplace_back("size", std::to_string(tmpfs.size->value));
    if (!tmpfs.nr_inodes.empty())
        options.emplace_back("nr_inodes", tmpfs.nr_inodes);
    if (!tmpfs.nr_blocks.empty())
        options.emplace_back("nr_blocks", tmpfs.nr_blocks);
    const Owner owner = host_owner(work.spec, {tmpfs.uid.value_or(0), tmpfs.gid.value_or(0)});
    options.emplace_back("uid", std::to_string(owner.uid));
    options.emplace_back("gid", std::to_string(owner.gid));
    return make_filesystem("tmpfs", options,
                           (tmpfs.suid ? 0 : MOUNT_ATTR_NOSUID) | (tmpfs.dev ? 0 : MOUNT_ATTR_NODEV)
                               | (tmpfs.exec ? 0 : MOUNT_ATTR_NOEXEC)
                               | (mount.read_only ? MOUNT_ATTR_RDONLY : 0) | access_times(tmpfs));
}

Prepared prepare(const MountWork &work, const Mount &mount) {
    base::UniqueFd fd =
        std::visit([&](const auto &source) { return prepare(work, source, mount); }, mount.source);
    const bool directory = is_directory(fd.get());
    return {normal_target(mount.target), work.builder.own(std::move(fd)), directory};
}

Prepared prepare_file(const MountWork &work, const std::string &source, const std::string &target,
                      bool read_only) {
    TreeOptions options;
    options.read_only = read_only;
    options.user_namespace = work.user_namespace;
    return {target, work.builder.own(clone_tree(AT_FDCWD, source, options, source)), false};
}

// Containers that share a network share these files, too.
base::fs::path network_files(const MountWork &work) {
    const NamespaceMode &network = work.spec.namespaces.network;
    if (network.kind != NamespaceMode::Kind::container)
        return work.directory;
    const base::fs::path shared = work.context.paths.container(work.spec.project, network.container);
    return base::fs::exists(shared) ? shared : work.directory;
}

void add_etc(const MountWork &work, std::vector<Prepared> &mounts) {
    const base::fs::path directory = network_files(work);
    for (const char *name : {"resolv.conf", "hostname", "hosts"}) {
        const std::string target = std::string("/etc/") + name;
        // The step of a build may make the image's own.
        const bool is_own = work.context.step != nullptr && target == "/etc/hostname";
        if (!is_own && !work.targets.contains(target))
            mounts.push_back(prepare_file(work, directory / name, target, work.spec.read_only));
    }
}

long depth(const Prepared &mount) {
    return std::count(mount.target.begin(), mount.target.end(), '/');
}

} // namespace

std::string normal_target(const std::string &target) {
    if (!target.starts_with('/'))
        throw base::Error("mount target " + target + " is not an absolute path", "start it with /");
    std::string path = base::fs::path(target).lexically_normal();
    while (path.size() > 1 && (path.back() == '/' || path.starts_with("//")))
        path.back() == '/' ? path.pop_back() : static_cast<void>(path.erase(0, 1));
    if (path == "/")
        throw base::Error("mount target / would hide the image", "mount below it");
    return path;
}

std::set<std::string> mount_targets(const Spec &spec) {
    std::set<std::string> targets;
    for (const Mount &mount : spec.mounts)
        targets.insert(normal_target(mount.target));
    for (const GrantedFile &file : spec.files)
        targets.insert(normal_target(file.target));
    return targets;
}

std::vector<int> add_granted_files(MountWork &work) {
    std::vector<int> slots;
    const std::vector<GrantedFile> &files = work.spec.files;
    if (files.empty())
        return slots;
    base::UniqueFd tmpfs =
        make_filesystem("tmpfs", {{"mode", "700"}}, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    const std::string place = work.host_place();
    for (std::size_t index = 0; index < files.size(); ++index) {
        const std::string name = std::to_string(index);
        const base::UniqueFd source = base::open_file(work.directory / "files" / name, O_RDONLY);
        const base::UniqueFd copy(
            base::check(::openat(tmpfs.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                        "create", files[index].target));
        base::write_all(copy.get(), base::read_all(source.get(), files[index].target), files[index].target);
        const Owner owner = host_owner(work.spec, {files[index].uid.value_or(work.identity.uid),
                                                   files[index].gid.value_or(work.identity.gid)});
        base::check(::fchown(copy.get(), owner.uid, owner.gid), "set owner of", files[index].target);
        base::check(::fchmod(copy.get(), files[index].mode), "set mode of", files[index].target);
    }
    Step &stage = work.builder.add(Op::stage, StartStage::mount, place);
    stage.slot = work.builder.own(std::move(tmpfs));
    for (std::size_t index = 0; index < files.size(); ++index) {
        slots.push_back(work.builder.empty_slot());
        work.builder.add(Op::clone_tree, StartStage::mount, place + "/" + std::to_string(index)).into =
            slots.back();
    }
    work.builder.add(Op::unstage, StartStage::mount, place);
    return slots;
}

void add_user_mounts(MountWork &work, const std::vector<int> &granted) {
    std::vector<Prepared> mounts;
    for (const Mount &mount : work.spec.mounts)
        mounts.push_back(prepare(work, mount));
    for (std::size_t index = 0; index < granted.size(); ++index)
        mounts.push_back({normal_target(work.spec.files[index].target), granted[index], false});
    if (work.context.step != nullptr)
        for (const auto &[target, fd] : work.context.step->mounts)
            mounts.push_back({normal_target(target),
                              work.builder.own(base::UniqueFd(
                                  base::check(::fcntl(fd, F_DUPFD_CLOEXEC, 3), "mount", target))),
                              is_directory(fd)});
    add_etc(work, mounts);
    if (work.spec.process.init)
        mounts.push_back(prepare_file(work, install_init(work.context.paths), init_target, true));
    std::stable_sort(mounts.begin(), mounts.end(),
                     [](const Prepared &left, const Prepared &right) { return depth(left) < depth(right); });
    for (const Prepared &mount : mounts) {
        Step &step = work.builder.add(Op::attach, StartStage::mount, mount.target);
        step.slot = mount.slot;
        step.x = mount.directory ? attach_make_dir : attach_make_file;
    }
}

} // namespace container
