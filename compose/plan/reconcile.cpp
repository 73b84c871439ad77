#include "compose/plan/reconcile.hpp"

#include "base/error.hpp"
#include "compose/plan/order.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plan {

namespace {

class Reconciler {
  public:
    Reconciler(const Desired &desired, const Observed &observed, const UpPolicy &policy)
        : desired_(desired), observed_(observed), policy_(policy) {}

    Plan run() {
        choose_services();
        networks();
        volumes();
        for (const std::string &name : order_)
            service(desired_.services.at(name));
        restart_dependents();
        orphans();
        return std::move(plan_);
    }

  private:
    void choose_services();
    void networks();
    void volumes();
    void service(const DesiredService &service);
    void replica(const DesiredService &service, int number);
    void update(const DesiredService &service, const ObservedContainer &container);
    void replace(const DesiredService &service, const ObservedContainer &container, const std::string &cause);
    OperationIndex remove(const ObservedContainer &container, const std::string &cause);
    void changed_volume(const DesiredVolume &volume);
    OperationIndex stop(const ObservedContainer &container, const std::string &cause);
    void start(const DesiredService &service, Operation operation);
    void restart_dependents();
    void orphans();

    [[nodiscard]] std::string divergence(const DesiredService &service,
                                         const ObservedContainer &container) const;
    [[nodiscard]] std::vector<OperationIndex> prerequisites(const DesiredService &service) const;
    [[nodiscard]] std::vector<const ObservedContainer *> replicas(const std::string &service) const;
    [[nodiscard]] int wanted(const DesiredService &service) const;

    const Desired &desired_;
    const Observed &observed_;
    const UpPolicy &policy_;
    Plan plan_;
    std::vector<std::string> order_;
    std::set<std::string> resources_of_; // services whose networks and volumes are needed
    std::map<std::string, OperationIndex> network_operations_;
    std::map<std::string, OperationIndex> volume_operations_;
    std::map<std::string, std::vector<OperationIndex>> service_starts_; // in this plan
    std::set<std::string> replaced_networks_;
    std::set<std::string> recreated_services_;
    std::map<std::string, OperationIndex> stopped_; // container id -> stop operation
    std::set<std::string> removed_;                 // containers that go with their volume
};

Edges dependency_edges(const Desired &desired) {
    Edges edges;
    for (const auto &[name, service] : desired.services) {
        edges[name] = service.donors;
        for (const Gate &gate : service.depends_on)
            edges[name].insert(gate.service);
    }
    return edges;
}

void Reconciler::choose_services() {
    const Edges edges = dependency_edges(desired_);
    std::set<std::string> chosen = policy_.targets;
    if (!policy_.run_service.empty())
        chosen = {policy_.run_service};
    if (chosen.empty())
        for (const auto &[name, service] : desired_.services)
            chosen.insert(name);
    else if (policy_.with_dependencies)
        chosen = closure(edges, chosen);
    resources_of_ = chosen;
    chosen.erase(policy_.run_service);
    for (const std::string &name : dependency_order(edges))
        if (chosen.contains(name))
            order_.push_back(name);
}

void Reconciler::networks() {
    std::set<std::string> used;
    for (const std::string &name : resources_of_)
        if (const auto found = desired_.services.find(name); found != desired_.services.end())
            used.insert(found->second.networks.begin(), found->second.networks.end());
    for (const DesiredNetwork &network : desired_.networks) {
        if (!used.contains(network.name) && !resources_of_.empty())
            continue;
        const ObservedNetwork *existing = observed_.network(network.name);
        if (network.external && existing == nullptr)
            throw base::Error(
                fmt::format("network {} declared as external, but could not be found", network.name),
                fmt::format("create it first, or remove `external: true` from network {}", network.name));
        if (network.external || (existing != nullptr && (existing->hash == network.hash || !existing->ours)))
            continue;
        Operation create{
            .kind = OperationKind::create_network, .subject = network.name, .cause = "does not exist"};
        if (existing != nullptr) {
            create.cause = "definition changed";
            replaced_networks_.insert(network.name);
            Operation drop{
                .kind = OperationKind::remove_network, .subject = network.name, .cause = create.cause};
            for (const ObservedContainer &container : observed_.containers)
                if (is_active(container.status)
                    && std::count(container.networks.begin(), container.networks.end(), network.name) > 0)
                    drop.after.push_back(stop(container, "its network is replaced"));
            create.after.push_back(plan_.add(std::move(drop)));
        }
        network_operations_[network.name] = plan_.add(std::move(create));
    }
}

void Reconciler::volumes() {
    std::set<std::string> used;
    for (const std::string &name : resources_of_)
        if (const auto found = desired_.services.find(name); found != desired_.services.end())
            used.insert(found->second.volumes.begin(), found->second.volumes.end());
    for (const DesiredVolume &volume : desired_.volumes) {
        if (!used.contains(volume.name) && !resources_of_.empty())
            continue;
        const ObservedVolume *existing = observed_.volume(volume.name);
        if (volume.external && existing == nullptr)
            throw base::Error(
                fmt::format("external volume \"{}\" not found", volume.name),
                fmt::format("create it first, or remove `external: true` from volume {}", volume.name));
        if (existing == nullptr)
            volume_operations_[volume.name] = plan_.add(
                {.kind = OperationKind::create_volume, .subject = volume.name, .cause = "does not exist"});
        else if (!volume.external && existing->ours && existing->hash != volume.hash)
            changed_volume(volume);
    }
}

// A new definition makes a new volume; what the old one holds is lost, hence only when asked for.
void Reconciler::changed_volume(const DesiredVolume &volume) {
    if (!policy_.recreate_volumes) {
        plan_.warnings.push_back(
            fmt::format("Volume \"{}\" exists but doesn't match its configuration in the "
                        "compose file: it is kept, -y replaces it and its data is lost",
                        volume.name));
        return;
    }
    Operation drop{
        .kind = OperationKind::remove_volume, .subject = volume.name, .cause = "definition changed"};
    for (const ObservedContainer &container : observed_.containers)
        if (std::count(container.volumes.begin(), container.volumes.end(), volume.name) > 0
            && removed_.insert(container.id).second)
            drop.after.push_back(remove(container, "its volume is replaced"));
    Operation create{
        .kind = OperationKind::create_volume, .subject = volume.name, .cause = "definition changed"};
    create.after.push_back(plan_.add(std::move(drop)));
    volume_operations_[volume.name] = plan_.add(std::move(create));
}

std::vector<const ObservedContainer *> Reconciler::replicas(const std::string &service) const {
    std::vector<const ObservedContainer *> result;
    for (const ObservedContainer &container : observed_.containers)
        if (container.service == service && !container.one_off && !removed_.contains(container.id))
            result.push_back(&container);
    std::sort(result.begin(), result.end(),
              [](const auto *a, const auto *b) { return a->number < b->number; });
    return result;
}

int Reconciler::wanted(const DesiredService &service) const {
    const auto scaled = policy_.scale.find(service.name);
    return scaled != policy_.scale.end() ? scaled->second : service.replicas;
}

void Reconciler::service(const DesiredService &service) {
    std::vector<const ObservedContainer *> existing = replicas(service.name);
    const auto count = static_cast<std::size_t>(wanted(service));
    if (existing.size() > count) {
        auto surplus_last = existing;
        std::stable_sort(surplus_last.begin(), surplus_last.end(), [&](const auto *a, const auto *b) {
            return divergence(service, *a).empty() > divergence(service, *b).empty();
        });
        for (std::size_t i = count; i < surplus_last.size(); ++i) {
            remove(*surplus_last[i], fmt::format("scaled to {}", count));
            std::erase(existing, surplus_last[i]);
        }
    }
    std::set<int> taken;
    for (const ObservedContainer *container : existing) {
        taken.insert(container->number);
        update(service, *container);
    }
    for (int number = 1; taken.size() < count; ++number)
        if (taken.insert(number).second)
            replica(service, number);
}

// Empty when the container is as the service wants it, else why not.
std::string Reconciler::divergence(const DesiredService &service, const ObservedContainer &container) const {
    if (container.hash != service.hash)
        return "configuration changed";
    if (container.image != service.image)
        return "image changed";
    for (const std::string &donor : service.donors)
        if (recreated_services_.contains(donor))
            return fmt::format("{} was recreated", donor);
    std::vector<std::string> joined = container.networks;
    std::vector<std::string> expected = service.networks;
    std::sort(joined.begin(), joined.end());
    std::sort(expected.begin(), expected.end());
    if (joined != expected)
        return "networks changed";
    for (const std::string &volume : service.volumes)
        if (std::count(container.volumes.begin(), container.volumes.end(), volume) == 0)
            return "volumes changed";
    return "";
}

void Reconciler::update(const DesiredService &service, const ObservedContainer &container) {
    const bool targeted = policy_.targets.empty() || policy_.targets.contains(service.name);
    const Recreate recreate = targeted ? policy_.targeted : policy_.dependencies;
    const std::string why = divergence(service, container);
    if (recreate == Recreate::always)
        return replace(service, container, why.empty() ? "forced" : why);
    if (recreate == Recreate::diverged && !why.empty())
        return replace(service, container, why);
    if (container.status == Status::dead)
        return replace(service, container, "its creation was not completed");
    const bool stops = stopped_.contains(container.id);
    if (!policy_.start || (is_active(container.status) && container.status != Status::paused && !stops)) {
        plan_.unchanged.push_back(container.name);
        return;
    }
    Operation operation{.kind = OperationKind::start_container,
                        .subject = container.name,
                        .cause = stops ? "its network was replaced" : "was " + to_string(container.status),
                        .service = service.name,
                        .number = container.number,
                        .id = container.id};
    operation.after = prerequisites(service);
    if (stops)
        operation.after.push_back(stopped_.at(container.id));
    start(service, std::move(operation));
}

void Reconciler::replica(const DesiredService &service, int number) {
    const std::string name = container_name(desired_, service, number);
    const OperationIndex created = plan_.add({.kind = OperationKind::create_container,
                                              .subject = name,
                                              .cause = "does not exist",
                                              .after = prerequisites(service),
                                              .service = service.name,
                                              .number = number});
    if (policy_.start)
        start(service, {.kind = OperationKind::start_container,
                        .subject = name,
                        .after = {created},
                        .service = service.name,
                        .number = number,
                        .creates = created});
}

void Reconciler::replace(const DesiredService &service, const ObservedContainer &container,
                         const std::string &cause) {
    recreated_services_.insert(service.name);
    const OperationIndex created = plan_.add({.kind = OperationKind::create_container,
                                              .subject = container_name(desired_, service, container.number),
                                              .cause = cause,
                                              .after = prerequisites(service),
                                              .service = service.name,
                                              .number = container.number,
                                              .replaces = container.id});
    Operation removal{.kind = OperationKind::remove_container,
                      .subject = container.name,
                      .cause = "replaced",
                      .after = {created},
                      .service = service.name,
                      .number = container.number,
                      .id = container.id};
    if (is_active(container.status))
        removal.after.push_back(stop(container, "replaced"));
    if (is_active(container.status))
        plan_.operations[removal.after.back()].after.push_back(created);
    const OperationIndex removed = plan_.add(std::move(removal));
    if (policy_.start)
        start(service, {.kind = OperationKind::start_container,
                        .subject = container_name(desired_, service, container.number),
                        .after = {created, removed},
                        .service = service.name,
                        .number = container.number,
                        .creates = created});
}

void Reconciler::start(const DesiredService &service, Operation operation) {
    for (const Gate &gate : service.depends_on)
        if (policy_.with_dependencies && (desired_.services.contains(gate.service))) {
            const auto dependency = desired_.services.find(gate.service);
            if (wanted(dependency->second) > 0)
                operation.gates.push_back(gate);
        }
    for (const auto &[name, starts] : service_starts_) {
        const bool donor = service.donors.contains(name);
        if (donor)
            operation.after.insert(operation.after.end(), starts.begin(), starts.end());
    }
    service_starts_[service.name].push_back(plan_.add(std::move(operation)));
}

std::vector<OperationIndex> Reconciler::prerequisites(const DesiredService &service) const {
    std::vector<OperationIndex> result;
    for (const std::string &network : service.networks)
        if (const auto found = network_operations_.find(network); found != network_operations_.end())
            result.push_back(found->second);
    for (const std::string &volume : service.volumes)
        if (const auto found = volume_operations_.find(volume); found != volume_operations_.end())
            result.push_back(found->second);
    return result;
}

OperationIndex Reconciler::stop(const ObservedContainer &container, const std::string &cause) {
    if (const auto found = stopped_.find(container.id); found != stopped_.end())
        return found->second;
    return stopped_[container.id] = plan_.add({.kind = OperationKind::stop_container,
                                               .subject = container.name,
                                               .cause = cause,
                                               .service = container.service,
                                               .number = container.number,
                                               .id = container.id});
}

OperationIndex Reconciler::remove(const ObservedContainer &container, const std::string &cause) {
    Operation removal{.kind = OperationKind::remove_container,
                      .subject = container.name,
                      .cause = cause,
                      .service = container.service,
                      .number = container.number,
                      .id = container.id};
    if (is_active(container.status))
        removal.after.push_back(stop(container, cause));
    return plan_.add(std::move(removal));
}

// Dependents declared with restart: true restart once the recreated service fulfils their gates.
void Reconciler::restart_dependents() {
    if (!policy_.start)
        return;
    for (const auto &[name, service] : desired_.services) {
        Operation operation{.kind = OperationKind::restart_container, .service = name};
        for (const Gate &gate : service.depends_on)
            if (gate.restart && recreated_services_.contains(gate.service)) {
                operation.cause = gate.service + " was recreated";
                operation.gates.push_back(gate);
                for (const OperationIndex index : service_starts_[gate.service])
                    operation.after.push_back(index);
            }
        if (operation.gates.empty() || recreated_services_.contains(name) || !service_starts_[name].empty())
            continue;
        for (const ObservedContainer *container : replicas(name)) {
            if (!is_active(container->status) || stopped_.contains(container->id))
                continue;
            std::erase(plan_.unchanged, container->name);
            operation.subject = container->name;
            operation.number = container->number;
            operation.id = container->id;
            plan_.add(operation);
        }
    }
}

void Reconciler::orphans() {
    for (const ObservedContainer &container : observed_.containers) {
        const bool known =
            desired_.services.contains(container.service) || desired_.disabled.contains(container.service);
        const bool orphan = container.one_off ? !is_active(container.status) : !known;
        if (!orphan || removed_.contains(container.id))
            continue;
        if (policy_.remove_orphans)
            remove(container, "orphan");
        else
            plan_.orphans.push_back(container.name);
    }
}

} // namespace

Plan plan_up(const Desired &desired, const Observed &observed, const UpPolicy &policy) {
    return Reconciler(desired, observed, policy).run();
}

} // namespace plan
