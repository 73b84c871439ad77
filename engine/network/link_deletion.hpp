// Deletes links without waiting for the kernel to be done with them.
#pragma once

#include "engine/network/netlink.hpp"

#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace network {

// A link leaves its namespace halfway through RTM_DELLINK, which then waits as long again (16 to 20 ms) for
// the last readers of its memory (rcu_barrier in netdev_run_todo). Only the first half matters to anybody.
class LinkDeletion {
  public:
    // Returns when the links are gone: their names are free, nothing goes through them. All go in one
    // request; missing ones are fine. `meanwhile` is called in any case, while the kernel works. @throws
    // base::SystemError when it refuses, and what `meanwhile` throws.
    void remove(
        Netlink &netlink, const std::vector<std::string> &names,
        const std::function<void()> &meanwhile = [] {});

  private:
    std::jthread request_; // the latest one, in the kernel
};

} // namespace network
