#include "engine/build/step_lock.hpp"

#include "engine/build/cancellable_lock.hpp"
#include "engine/build/step_directory.hpp"

#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <unistd.h>

namespace build {

namespace {

// Whoever held the lock has removed the name, and it may be that of another file by now.
bool is_still_at(int fd, const base::fs::path &path) {
    struct stat held {};

    struct stat named {};

    return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_ino == named.st_ino;
}

base::fs::path directory(const base::Paths &paths) {
    return build_directory(paths) / "steps";
}

} // namespace

StepLock::StepLock(const base::Paths &paths, const std::string &key, const Cancellation &cancellation)
    : path_(directory(paths) / key.substr(key.find(':') + 1)) {
    base::make_dirs(path_.parent_path(), 0700);
    do {
        fd_ = base::open_file(path_, O_RDWR | O_CREAT, 0600);
        lock_or_cancel(fd_.get(), LOCK_EX, path_.string(), cancellation);
    } while (!is_still_at(fd_.get(), path_));
}

StepLock::~StepLock() {
    (void)::unlink(path_.c_str());
}

void sweep_step_locks(const base::Paths &paths) {
    for (const std::string &name : base::list_dir(directory(paths))) {
        const base::fs::path path = directory(paths) / name;
        const base::UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
        if (fd && try_lock(fd.get(), LOCK_EX, path.string()) && is_still_at(fd.get(), path))
            (void)::unlink(path.c_str());
    }
}

} // namespace build
