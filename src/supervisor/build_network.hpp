// The network of build steps: one bridge for all builds of this host, with a way out and without a way to
// each other, there as long as any build needs it. Names are asked of the host's resolvers, as for services.
#pragma once

#include "base/paths.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace supervisor {

class BuildNetwork {
  public:
    // Makes nothing until a step joins.
    explicit BuildNetwork(const base::Paths &paths);
    // Removes the bridge if no other build uses it.
    ~BuildNetwork();
    BuildNetwork(const BuildNetwork &) = delete;
    BuildNetwork &operator=(const BuildNetwork &) = delete;

    struct Addresses {
        std::string own, gateway;
    };

    // Connects a step's network namespace to the bridge, or to the network of that name, where it finds the
    // containers by their names. Thread-safe. @throws base::Error, with nothing left joined.
    Addresses join(const std::string &id, int netns, const std::string &network);
    // After its last process has ended. Not joined is fine.
    void leave(const std::string &id);

  private:
    struct State;

    base::Paths paths_;
    std::mutex mutex_;
    std::unique_ptr<State> state_; // from the first join on
};

} // namespace supervisor
