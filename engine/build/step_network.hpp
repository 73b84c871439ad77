// How a RUN step with a network of its own reaches the world. Implemented by whoever may know both sides.
#pragma once

#include <string>

namespace build {

struct StepAddresses {
    std::string own;
    std::string host; // the host's, on the step's network
};

class StepNetwork {
  public:
    StepNetwork() = default;
    StepNetwork(const StepNetwork &) = delete;
    StepNetwork &operator=(const StepNetwork &) = delete;
    virtual ~StepNetwork() = default;

    // Gives the namespace links, addresses, routes and a resolver at 127.0.0.11. May be called from several
    // threads. @param network whose, by its name on this host; empty: one of the builds' own.
    // @throws base::Error, e.g. when there is no such network.
    virtual StepAddresses join(const std::string &id, int netns, const std::string &network) = 0;
    // Once the step's last process is gone. Not joined is fine. @throws base::Error.
    virtual void leave(const std::string &id) = 0;
};

} // namespace build
