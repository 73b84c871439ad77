#include "engine/container/volume_content.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/container/copy_tree.hpp"
#include "engine/container/mount_steps.hpp"
#include "engine/container/rootfs.hpp"

#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace container {

namespace {

// In the volume from before the first file until after the last.
constexpr const char *marker = ".compose-filling";

bool wants_content(const VolumeMount &volume) {
    const std::vector<std::string> entries = base::list_dir(volume.source);
    return entries.empty() || std::find(entries.begin(), entries.end(), marker) != entries.end();
}

void lock(int directory, const std::string &name) {
    while (::flock(directory, LOCK_EX) < 0)
        if (errno != EINTR)
            base::throw_errno("lock volume", name);
}

void fill(const VolumeMount &volume, int image, const std::string &target) {
    const base::UniqueFd content = open_in_root(image, target, O_RDONLY | O_DIRECTORY);
    if (!content)
        return;
    const base::UniqueFd directory = base::open_dir(volume.source);
    lock(directory.get(), volume.name);
    if (!wants_content(volume))
        return;
    base::UniqueFd(base::check(::openat(directory.get(), marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0600),
                               "fill volume", volume.name));
    base::check(::fsync(directory.get()), "fill volume", volume.name);
    copy_tree(content.get(), directory.get(), "volume " + volume.name);
    base::check(::unlinkat(directory.get(), marker, 0), "fill volume", volume.name);
}

} // namespace

void fill_volumes(const Spec &spec) {
    base::UniqueFd image;
    for (const Mount &mount : spec.mounts) {
        const auto *volume = std::get_if<VolumeMount>(&mount.source);
        if (volume == nullptr || !volume->copy || !volume->subpath.empty() || !wants_content(*volume))
            continue;
        if (!image)
            image = mount_overlay({spec.layers, {}, {}}, true);
        fill(*volume, image.get(), normal_target(mount.target));
    }
}

} // namespace container
