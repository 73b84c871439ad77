#include "engine/build/step_directory.hpp"

#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/remove_tree.hpp"
#include "engine/container/cgroup.hpp"
#include "engine/container/cgroup_hierarchy.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace build {

namespace {

base::fs::path running(const base::Paths &paths) {
    return build_directory(paths) / "running";
}

// Invalid when it is held by somebody, or gone.
base::UniqueFd try_lock(const base::fs::path &directory) {
    base::UniqueFd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::flock(fd.get(), LOCK_EX | LOCK_NB) < 0)
        return {};

    struct stat held {};

    struct stat named {};

    const bool still_there = ::fstat(fd.get(), &held) == 0 && ::stat(directory.c_str(), &named) == 0
                             && held.st_ino == named.st_ino;
    return still_there ? std::move(fd) : base::UniqueFd();
}

void end_cgroup(const std::string &id) {
    auto cgroup = container::Cgroup::open(container::detect_hierarchy(), cgroup_project, id);
    if (!cgroup)
        return;
    cgroup->kill();
    cgroup->remove();
}

} // namespace

base::fs::path build_directory(const base::Paths &paths) {
    return paths.images() / "build";
}

StepDirectory::StepDirectory(const base::Paths &paths) {
    // A sweep may take a new directory before it is locked.
    while (!lock_) {
        id_ = base::random_hex(64);
        path_ = running(paths) / id_;
        base::make_dirs(path_, 0700);
        lock_ = try_lock(path_);
    }
    for (const base::fs::path &directory : {upper(), work()}) {
        base::make_dirs(directory);
        base::check(::chmod(directory.c_str(), 0755), "set mode of", directory.string());
    }
}

StepDirectory::~StepDirectory() {
    if (left_)
        return;
    try {
        base::remove_tree(path_);
    } catch (const base::Error &) {
        // The next build sweeps it.
        lock_.reset();
    }
}

void sweep_steps(const base::Paths &paths) {
    for (const std::string &name : base::list_dir(running(paths))) {
        const base::fs::path directory = running(paths) / name;
        const base::UniqueFd lock = try_lock(directory);
        if (!lock)
            continue;
        end_cgroup(name);
        base::remove_tree(directory);
    }
}

} // namespace build
