#include "engine/container/mount_namespace.hpp"

#include "base/error.hpp"

#include <sys/mount.h>

#include <exception>
#include <sched.h>
#include <thread>

namespace container {

namespace {

base::UniqueFd on_thread(const std::function<base::UniqueFd()> &work) {
    base::UniqueFd result;
    std::exception_ptr failure;
    std::thread([&] {
        try {
            result = work();
        } catch (...) {
            failure = std::current_exception();
        }
    }).join();
    if (failure)
        std::rethrow_exception(failure);
    return result;
}

} // namespace

base::UniqueFd in_private_mount_namespace(const std::function<base::UniqueFd()> &work) {
    return on_thread([&] {
        base::check(::unshare(CLONE_NEWNS), "create a mount namespace", "");
        base::check(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), "make mounts private", "");
        return work();
    });
}

base::UniqueFd in_mount_namespace_of(int pidfd, const std::function<base::UniqueFd()> &work) {
    return on_thread([&] {
        base::check(::unshare(CLONE_FS), "leave the shared root directory", "");
        base::check(::setns(pidfd, CLONE_NEWNS), "enter a mount namespace", "");
        return work();
    });
}

} // namespace container
