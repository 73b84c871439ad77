#include "engine/container/rootfs.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/syscall.hpp"
#include "engine/container/detached_mount.hpp"
#include "engine/container/mount_namespace.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

constexpr std::size_t most_layers = 500;    // OVL_MAX_STACK
constexpr std::size_t longest_option = 255; // fsconfig(2) refuses more

// Directories named by descriptor where their paths don't fit into a mount option.
class ShortNames {
  public:
    std::string option(const std::string &directory) {
        return directory.size() <= longest_option ? directory : "/proc/self/fd/" + number(directory);
    }

    std::string number(const std::string &directory) {
        open_.push_back(base::UniqueFd(::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)));
        if (!open_.back())
            base::throw_errno("open layer", directory);
        return std::to_string(open_.back().get());
    }

    // "5:6:7", of directories that are open already.
    std::string numbers(std::vector<base::UniqueFd> directories) {
        std::string list;
        for (base::UniqueFd &directory : directories) {
            list += (list.empty() ? "" : ":") + std::to_string(directory.get());
            open_.push_back(std::move(directory));
        }
        return list;
    }

  private:
    std::vector<base::UniqueFd> open_;
};

// What the file system driver had to say.
std::string driver_message(int fs) {
    char buffer[512];
    const ssize_t count = ::read(fs, buffer, sizeof buffer);
    return count > 2 ? std::string(buffer + 2, static_cast<std::size_t>(count) - 2) : std::string();
}

[[noreturn]] void throw_overlay(int fs, const std::string &subject) {
    const int error = errno;
    const std::string message = driver_message(fs);
    throw base::SystemError("mount overlay", error, subject,
                            message.empty() ? "the storage directory's file system must support overlay"
                                            : message);
}

void set_option(int fs, const char *key, const std::string &value) {
    if (base::sys_fsconfig(fs, FSCONFIG_SET_STRING, key, value.c_str(), 0) < 0)
        throw_overlay(fs, std::string(key) + "=" + value);
}

void make_read_only(int mount) {
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    base::check(base::sys_mount_setattr(mount, "", AT_EMPTY_PATH, attributes), "make read-only", "overlay");
}

base::UniqueFd clone_directory(const std::string &directory) {
    base::UniqueFd mount(base::sys_open_tree(AT_FDCWD, directory.c_str(), OPEN_TREE_CLONE));
    if (!mount)
        base::throw_errno("open layer", directory);
    mount_attr attributes{};
    attributes.propagation = MS_PRIVATE;
    base::check(base::sys_mount_setattr(mount.get(), "", AT_EMPTY_PATH, attributes), "detach", directory);
    return mount;
}

bool takes_option(int fs, const char *key, const char *value) {
    return base::sys_fsconfig(fs, FSCONFIG_SET_STRING, key, value, 0) == 0;
}

// Drivers from before the mount API was theirs, too, take any option and find out when it is too late.
bool has_layer_option() {
    static const bool has = [] {
        const base::UniqueFd fs(base::sys_fsopen("overlay"));
        return fs && !takes_option(fs.get(), "no such option", "x")
               && takes_option(fs.get(), "lowerdir+", "/");
    }();
    return has;
}

base::UniqueFd by_descriptors(const OverlayDirs &dirs) {
    ShortNames names;
    const base::UniqueFd fs(base::sys_fsopen("overlay"));
    if (!fs)
        throw base::SystemError("mount overlay", errno, "", "load the kernel module overlay");
    for (auto layer = dirs.layers.rbegin(); layer != dirs.layers.rend(); ++layer)
        set_option(fs.get(), "lowerdir+", names.option(*layer));
    set_option(fs.get(), "source", "overlay");
    if (!dirs.upper.empty()) {
        set_option(fs.get(), "upperdir", names.option(dirs.upper));
        set_option(fs.get(), "workdir", names.option(dirs.work));
        set_option(fs.get(), "index", "off");
    }
    if (dirs.makes_layer) {
        set_option(fs.get(), "redirect_dir", "off");
        set_option(fs.get(), "metacopy", "off");
    }
    if (base::sys_fsconfig(fs.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) < 0)
        throw_overlay(fs.get(), dirs.upper);
    base::UniqueFd mount(base::sys_fsmount(fs.get(), 0));
    if (!mount)
        base::throw_errno("mount overlay", dirs.upper);
    return mount;
}

// Highest first. The driver takes mounted directories only: all go on one place, each reached by descriptor.
std::vector<base::UniqueFd> attach_mapped_layers(const OverlayDirs &dirs) {
    TreeOptions options;
    options.recursive = false;
    options.user_namespace = dirs.user_namespace;
    std::vector<base::UniqueFd> layers;
    for (auto layer = dirs.layers.rbegin(); layer != dirs.layers.rend(); ++layer)
        layers.push_back(clone_tree(AT_FDCWD, *layer, options, "layer " + *layer));
    // Later, for the place is a layer itself.
    for (const base::UniqueFd &layer : layers)
        base::check(base::sys_move_mount(layer.get(), "", AT_FDCWD, dirs.layers.front().c_str(),
                                         MOVE_MOUNT_F_EMPTY_PATH),
                    "mount id-mapped layer on", dirs.layers.front());
    return layers;
}

[[noreturn]] void throw_not_mounted(const OverlayDirs &dirs) {
    const int error = errno;
    if (dirs.user_namespace >= 0 && error == EINVAL)
        throw base::Error("mount overlay " + dirs.upper
                              + ": this kernel can't do it with id-mapped layers, as "
                                "a container with a user namespace of its own needs",
                          "use Linux 5.19 or newer, or set `userns_mode: host`");
    throw base::SystemError("mount overlay", error, dirs.upper,
                            "the storage directory's file system must support overlay");
}

// Options are limited to one page here: descriptor numbers, relative to where the kernel lists them, are the
// shortest names there are. They are opened in the namespace that mounts, for the driver takes no others.
std::string numbered_options(const OverlayDirs &dirs, ShortNames &names) {
    std::string options = "lowerdir=";
    if (dirs.user_namespace >= 0)
        options += names.numbers(attach_mapped_layers(dirs));
    else
        for (auto layer = dirs.layers.rbegin(); layer != dirs.layers.rend(); ++layer)
            options += (layer == dirs.layers.rbegin() ? "" : ":") + names.number(*layer);
    if (!dirs.upper.empty())
        options +=
            ",upperdir=" + names.number(dirs.upper) + ",workdir=" + names.number(dirs.work) + ",index=off";
    if (dirs.makes_layer)
        options += ",redirect_dir=off,metacopy=off";
    return options;
}

base::UniqueFd by_mount(const OverlayDirs &dirs) {
    return in_private_mount_namespace([&] {
        ShortNames names;
        const std::string options = numbered_options(dirs, names);
        const std::string &place = dirs.layers.front();
        base::check(::chdir("/proc/thread-self/fd"), "change to", "/proc/thread-self/fd");
        if (::mount("overlay", place.c_str(), "overlay", 0, options.c_str()) < 0)
            throw_not_mounted(dirs);
        base::UniqueFd mount(base::sys_open_tree(AT_FDCWD, place.c_str(), OPEN_TREE_CLONE));
        if (!mount)
            base::throw_errno("mount overlay", dirs.upper);
        return mount;
    });
}

base::UniqueFd mount_layers(const OverlayDirs &dirs, OverlayApi api) {
    const bool by_path = dirs.user_namespace < 0 && api == OverlayApi::automatic;
    return by_path && has_layer_option() ? by_descriptors(dirs) : by_mount(dirs);
}

} // namespace

base::UniqueFd mount_overlay(const OverlayDirs &dirs, bool read_only, OverlayApi api) {
    if (dirs.layers.size() > most_layers)
        throw base::Error("the image has " + std::to_string(dirs.layers.size())
                              + " layers; the kernel mounts at most " + std::to_string(most_layers),
                          "rebuild the image with fewer instructions");
    if (dirs.layers.empty() && dirs.upper.empty())
        throw base::Error("an image without layers has no content");
    // The driver wants something to lay over something else.
    const bool alone = dirs.layers.empty() || (dirs.upper.empty() && dirs.layers.size() == 1);
    base::UniqueFd mount = alone ? clone_directory(dirs.layers.empty() ? dirs.upper : dirs.layers.front())
                                 : mount_layers(dirs, api);
    if (read_only || dirs.upper.empty())
        make_read_only(mount.get());
    return mount;
}

base::UniqueFd open_in_root(int root, const std::string &path, int flags) {
    open_how how{};
    how.flags = static_cast<std::uint64_t>(flags);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    base::UniqueFd fd(base::sys_openat2(root, path.c_str(), how));
    if (!fd && errno != ENOENT && errno != ENOTDIR)
        base::throw_errno("open in the container", path);
    return fd;
}

} // namespace container
