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
    // threads. @throws base::Error.
    virtual StepAddresses join(const std::string &id, int netns) = 0;
    // Once the step's last process is gone. Not joined is fine. @throws base::Error.
    virtual void leave(const std::string &id) = 0;
};

} // namespace build
