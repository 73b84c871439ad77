// Images to push, and processes that are killed while they work.
#pragma once

#include "base/error.hpp"
#include "base/syscall.hpp"
#include "engine/image/push.hpp"
#include "integration/image/world.hpp"

#include <functional>

namespace image::test {

inline PushOptions push_options() {
    PushOptions options;
    options.registries = {};
    options.backoff = std::chrono::milliseconds(1);
    return options;
}

// An image of one layer, which is a plain tar.
inline Image import_named(Store &store, const Reference &name, const std::string &content) {
    ImportOptions options;
    options.name = name;
    const auto tar = memory_file(TarBuilder().directory("etc").file("etc/content", content).finish());
    return import_rootfs(store, tar.get(), options);
}

// The error and its hint.
inline std::string failure_of_push(Store &store, const Reference &reference,
                                   const PushOptions &options = push_options()) {
    try {
        (void)push(store, reference, options);
    } catch (const base::Error &error) {
        return std::string(error.what()) + "\n" + error.hint();
    }
    return "no failure";
}

// Does the work in a process of its own and kills it after so long. @returns true when it was done before.
inline bool run_and_kill(int milliseconds, const std::function<void()> &work) {
    const pid_t child = ::fork();
    if (child == 0) {
        try {
            work();
        } catch (const std::exception &) {
            ::_exit(1);
        }
        ::_exit(0);
    }
    const base::UniqueFd exited(base::sys_pidfd_open(child));
    pollfd wait{exited.get(), POLLIN, 0};
    ::poll(&wait, 1, milliseconds);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace image::test
