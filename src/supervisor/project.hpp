// The containers of the project, by id. Makes and forgets them; what they do is theirs.
#pragma once

#include "compose/plan/blueprint.hpp"
#include "compose/plan/observed.hpp"
#include "supervisor/gate.hpp"
#include "supervisor/managed_container.hpp"
#include "supervisor/runtime.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace supervisor {

class Project {
  public:
    using Container = std::shared_ptr<ManagedContainer>;

    explicit Project(Runtime &runtime);

    // Takes over what a predecessor left, running or not.
    void adopt();

    [[nodiscard]] const std::map<std::string, Container> &containers() const { return containers_; }

    // By full id, name, or "service:NAME" (its lowest running replica).
    [[nodiscard]] Container find(const std::string &reference) const;

    [[nodiscard]] plan::Observed observed() const;
    [[nodiscard]] std::vector<Replica> replicas(const std::string &service) const;

    // Prepares a container from a template: id, number and name, anonymous volumes (those of `replaces`, or
    // new ones), directory. @throws base::Error; nothing of it is left then.
    Container create(container::Spec spec, const std::string &name, int number, const Container &replaces,
                     bool renew_volumes);

    struct RemoveOptions {
        bool anonymous_volumes = false;
        bool replaced = false; // a successor takes addresses and volumes over
    };

    // @pre it has no process.
    void remove(const Container &container, const RemoveOptions &options);

    // A container that has a process, is starting or will be restarted.
    [[nodiscard]] bool anything_active() const;

    [[nodiscard]] Runtime &runtime() { return runtime_; }

  private:
    void remove_when_over(const std::string &id);
    Container add(ContainerInfo info);

    Runtime &runtime_;
    std::map<std::string, Container> containers_;
};

} // namespace supervisor
