#include "engine/network/namespace.hpp"

#include "base/error.hpp"
#include "base/file.hpp"

#include <exception>
#include <fcntl.h>
#include <sched.h>
#include <thread>

namespace network {

void in_namespace(int netns, const std::function<void()> &work) {
    std::exception_ptr failure;
    std::thread([&] {
        try {
            base::check(::setns(netns, CLONE_NEWNET), "enter", "the container's network namespace");
            work();
        } catch (...) {
            failure = std::current_exception();
        }
    }).join();
    if (failure)
        std::rethrow_exception(failure);
}

base::UniqueFd own_namespace() {
    return base::open_file("/proc/thread-self/ns/net", O_RDONLY);
}

} // namespace network
