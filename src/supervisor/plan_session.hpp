// Executes one request's plan on the project and tells its client what happens.
#pragma once

#include "base/file.hpp"
#include "compose/plan/blueprint.hpp"
#include "supervisor/api_server.hpp"
#include "supervisor/plan_executor.hpp"
#include "supervisor/project.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace supervisor {

struct SessionOptions {
    std::optional<base::Duration> grace; // instead of each container's own
    int signal = 0;                      // of kill
    bool renew_volumes = false;
    bool anonymous_volumes = false; // removed with their containers
};

class PlanSession : public PlanTarget {
  public:
    // blueprint: null for plans that create nothing. With one, nothing is collected from the image store
    // while the session lives: the client, who holds the store too, may be killed before everything is
    // created.
    PlanSession(Project &project, std::shared_ptr<const plan::Blueprint> blueprint,
                std::shared_ptr<Reply> reply, SessionOptions options);

    // Holds the ports that the plan's new containers publish, unless a container that leaves in the same plan
    // has them. Names that are unchanged are reported too. @throws base::Error before anything is created.
    void prepare(const plan::Plan &plan);

    // After the last operation: what it made survives a power cut from here on.
    base::Task<> make_durable(const plan::Plan &plan);

    base::Task<> perform(const plan::Plan &plan, plan::OperationIndex index) override;
    GateVerdict gate(const plan::Gate &gate) override;
    void waiting_for(const plan::Gate &gate) override;
    void gate_opened(const plan::Gate &gate) override;
    void warn(const std::string &sentence) override;
    Condition &changed() override;

  private:
    using FixedAddresses = std::map<std::string, network::IpAddress>; // by lease owner

    void report(const std::string &subject, const std::string &text, bool working);
    void report_container(const plan::Operation &operation, const std::string &text, bool working);
    void create(const plan::Plan &plan, plan::OperationIndex index);
    void create_network(const plan::Operation &operation);
    void create_volume(const plan::Operation &operation);
    base::Task<> start(const plan::Operation &operation);
    base::Task<> restart(const plan::Operation &operation);
    base::Task<> stop(const plan::Operation &operation);
    void remove(const plan::Plan &plan, const plan::Operation &operation);
    void note_fixed_addresses(const container::Spec &spec, int number);
    void keep_fixed_addresses(const std::string &network);
    [[nodiscard]] std::vector<network::PublishedPort> ports_of(const container::Spec &spec) const;
    [[nodiscard]] Project::Container target(const plan::Operation &operation) const;

    Project &project_;
    std::shared_ptr<const plan::Blueprint> blueprint_;
    std::shared_ptr<Reply> reply_;
    SessionOptions options_;
    std::optional<base::FileLock> hold_;
    std::map<plan::OperationIndex, Project::Container> created_;
    std::map<std::string, FixedAddresses> fixed_; // by network
};

} // namespace supervisor
