#include "engine/build/context_view.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"
#include "engine/build/root_directory.hpp"
#include "engine/build/root_owner.hpp"
#include "engine/build/slash_path.hpp"
#include "engine/container/copy_tree.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/mount_namespace.hpp"
#include "engine/container/rootfs.hpp"

#include <sys/stat.h>

#include <fcntl.h>

namespace build {

namespace {

std::string by_descriptor(int fd) {
    return "/proc/self/fd/" + std::to_string(fd);
}

// Whiteouts below `upper` for what is ignored below `directory`, both standing for the same place.
class Hiding {
  public:
    Hiding(const IgnoreRules &ignored, const RootOwner &owner) : ignored_(ignored), owner_(owner) {}

    void below(int directory, const std::string &path, const base::fs::path &upper) const {
        for (const std::string &name : base::list_dir(by_descriptor(directory))) {
            const std::string inner = path == "." ? name : path + "/" + name;

            struct stat status {};

            if (::fstatat(directory, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0)
                continue; // gone again
            const bool is_directory = S_ISDIR(status.st_mode);
            if (is_directory ? ignored_.ignores_all_below(inner) : ignored_.ignores(inner))
                hide(upper, name);
            else if (is_directory)
                descend(directory, name, inner, upper, status);
        }
    }

  private:
    static void hide(const base::fs::path &upper, const std::string &name) {
        base::make_dirs(upper);
        base::check(::mknod((upper / name).c_str(), S_IFCHR, 0), "hide", name);
    }

    void descend(int directory, const std::string &name, const std::string &path, const base::fs::path &upper,
                 const struct stat &status) const {
        constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
        const base::UniqueFd inner(
            base::check(::openat(directory, name.c_str(), flags), "open directory", path));
        below(inner.get(), path, upper / name);
        // A directory of the upper layer covers that of the lower one.
        if (base::fs::exists(upper / name)) {
            base::check(::chown((upper / name).c_str(), owner_.uid(status.st_uid), owner_.gid(status.st_gid)),
                        "set owner of", path);
            base::check(::chmod((upper / name).c_str(), status.st_mode & 07777), "set mode of", path);
        }
    }

    const IgnoreRules &ignored_;
    const RootOwner &owner_;
};

RootOwner owner_of(const SourceTree &tree) {
    struct stat top {};

    base::check(::fstat(tree.root(), &top), "examine", tree.name());
    return RootOwner(top);
}

base::UniqueFd single_file(const ViewRequest &request, const SourceTree &tree, const Selected &selected) {
    container::TreeOptions options;
    options.recursive = false;
    options.read_only = request.read_only;
    const base::UniqueFd file = container::open_in_root(tree.root(), selected.path, O_PATH | O_CLOEXEC);
    if (request.read_only)
        return owner_of(tree).clone_tree(file.get(), options, request.source);
    const std::size_t slash = selected.path.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : selected.path.substr(0, slash);
    const base::UniqueFd from =
        container::open_in_root(tree.root(), parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const base::UniqueFd to = base::open_dir(request.scratch);
    container::CopyOptions copy;
    copy.durable = false;
    container::copy_entry(from.get(), selected.path.substr(slash == std::string::npos ? 0 : slash + 1),
                          to.get(), "file", request.source, copy);
    base::check(::fchownat(to.get(), "file", 0, 0, AT_SYMLINK_NOFOLLOW), "set owner of", request.source);
    return container::clone_tree(to.get(), "file", options, request.source);
}

base::UniqueFd context_view(const ViewRequest &request) {
    const SourceTree tree = open_tree(request.files);
    const Selected selected = tree.select(clean_path("/" + request.source)).at(0);
    if (!S_ISDIR(selected.status.st_mode))
        return single_file(request, tree, selected);
    const base::UniqueFd directory =
        container::open_in_root(tree.root(), selected.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const base::fs::path upper = request.scratch / "upper";
    const base::fs::path work = request.scratch / "work";
    base::make_dirs(upper);
    base::make_dirs(work);
    const RootOwner owner = owner_of(tree);
    Hiding(request.files.context->ignored, owner).below(directory.get(), selected.path, upper);
    base::check(::chown(upper.c_str(), owner.uid(selected.status.st_uid), owner.gid(selected.status.st_gid)),
                "set owner of", request.source);
    base::check(::chmod(upper.c_str(), selected.status.st_mode & 07777), "set mode of", request.source);
    if (!owner.changes())
        return container::mount_overlay({{by_descriptor(directory.get())}, upper, work}, request.read_only);
    const base::UniqueFd shown = owner.clone_tree(directory.get(), {.recursive = false}, request.source);
    // Before Linux 6.15 only what is attached can be below an overlay.
    return container::in_private_mount_namespace([&] {
        const base::fs::path lower = request.scratch / "lower";
        base::make_dirs(lower);
        base::check(base::sys_move_mount(shown.get(), "", AT_FDCWD, lower.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
                    "mount", request.files.name);
        return container::mount_overlay({{lower.string()}, upper, work}, request.read_only);
    });
}

// Only what is attached somewhere can be copied in part before Linux 6.15.
base::UniqueFd part_of(const base::UniqueFd &mount, const std::string &source, const ViewRequest &request) {
    return container::in_private_mount_namespace([&] {
        base::check(
            base::sys_move_mount(mount.get(), "", AT_FDCWD, request.scratch.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
            "mount", request.files.name);
        const base::UniqueFd top = base::open_dir(request.scratch);
        const base::UniqueFd part = container::open_in_root(top.get(), source, O_PATH | O_CLOEXEC);
        if (!part)
            throw base::Error("\"" + request.source + "\" is not in " + request.files.name,
                              "paths are relative to its root directory");
        return container::clone_tree(part.get(), "", {}, source);
    });
}

base::UniqueFd layers_view(const ViewRequest &request) {
    container::OverlayDirs dirs{request.files.layers.directories, {}, {}};
    if (dirs.layers.empty())
        throw base::Error(request.files.name + " has no files");
    if (!request.read_only) {
        dirs.upper = request.scratch / "upper";
        dirs.work = request.scratch / "work";
        base::make_dirs(dirs.upper);
        base::make_dirs(dirs.work);
    }
    base::UniqueFd mount = container::mount_overlay(dirs, request.read_only);
    const std::string source = clean_path("/" + request.source);
    return source == "/" ? std::move(mount) : part_of(mount, source, request);
}

} // namespace

base::UniqueFd view_of(const ViewRequest &request) {
    return request.files.context != nullptr ? context_view(request) : layers_view(request);
}

} // namespace build
