#include "compose/plan/teardown.hpp"

#include "compose/plan/order.hpp"

#include <algorithm>

namespace plan {

namespace {

Edges observed_edges(const Observed &observed) {
    Edges edges;
    for (const ObservedContainer &container : observed.containers) {
        auto &targets = edges[container.service];
        for (const auto &[service, condition] : container.depends_on)
            targets.insert(service);
    }
    return edges;
}

std::vector<const ObservedContainer *> selected(const Observed &observed, const Selection &selection) {
    std::vector<const ObservedContainer *> result;
    for (const ObservedContainer &container : observed.containers) {
        const bool meant = !selection.ids.empty() ? selection.ids.contains(container.id)
                                                  : (selection.services.empty()
                                                     || selection.services.contains(container.service))
                                                        && (!container.one_off || selection.one_offs);
        if (meant)
            result.push_back(&container);
    }
    return result;
}

Operation operation_on(OperationKind kind, const ObservedContainer &container, std::string cause) {
    return {.kind = kind,
            .subject = container.name,
            .cause = std::move(cause),
            .service = container.service,
            .number = container.number,
            .id = container.id};
}

bool stoppable(const ObservedContainer &container) {
    return is_active(container.status);
}

// Gates as the depends_on label "condition:restart" tells them.
std::vector<Gate> gates_of(const ObservedContainer &container) {
    std::vector<Gate> gates;
    for (const auto &[service, text] : container.depends_on) {
        Gate gate{.service = service, .required = false, .restart = text.ends_with(":true")};
        if (text.starts_with("service_healthy"))
            gate.condition = GateCondition::healthy;
        else if (text.starts_with("service_completed_successfully"))
            gate.condition = GateCondition::completed;
        gate.required = true;
        gates.push_back(std::move(gate));
    }
    return gates;
}

// Adds one operation per container, dependents first; each service waits for those that depend on it.
class ReverseOrder {
  public:
    ReverseOrder(const Observed &observed, std::vector<const ObservedContainer *> containers)
        : dependents_(reversed(observed_edges(observed))), order_(dependency_order(dependents_)),
          containers_(std::move(containers)) {}

    // make(container, after) returns the last operation on that container.
    template <typename Make>
    void each(Make make) {
        for (const std::string &service : order_) {
            std::vector<OperationIndex> after;
            for (const std::string &dependent : dependents_.at(service))
                after.insert(after.end(), done_[dependent].begin(), done_[dependent].end());
            for (const ObservedContainer *container : containers_)
                if (container->service == service)
                    done_[service].push_back(make(*container, after));
        }
    }

  private:
    Edges dependents_;
    std::vector<std::string> order_;
    std::vector<const ObservedContainer *> containers_;
    std::map<std::string, std::vector<OperationIndex>> done_;
};

OperationIndex stop_and_remove(Plan &plan, const ObservedContainer &container,
                               std::vector<OperationIndex> after) {
    if (stoppable(container)) {
        Operation stop = operation_on(OperationKind::stop_container, container, "");
        stop.after = std::move(after);
        after = {plan.add(std::move(stop))};
    }
    Operation removal = operation_on(OperationKind::remove_container, container, "");
    removal.after = std::move(after);
    return plan.add(std::move(removal));
}

bool removed_by_down(const ObservedContainer &container, const DownPolicy &policy,
                     const std::set<std::string> &services) {
    if (!services.empty())
        return services.contains(container.service) && (!container.one_off || policy.remove_orphans);
    const bool known = policy.known.empty() || policy.known.contains(container.service);
    return (known && !container.one_off) || policy.remove_orphans;
}

} // namespace

Plan plan_down(const Observed &observed, const DownPolicy &policy) {
    std::set<std::string> services = policy.selection.services;
    if (!services.empty())
        services = closure(reversed(observed_edges(observed)), services);
    std::vector<const ObservedContainer *> leaving;
    std::set<std::string> still_used;
    for (const ObservedContainer &container : observed.containers)
        if (removed_by_down(container, policy, services))
            leaving.push_back(&container);
        else
            still_used.insert(container.networks.begin(), container.networks.end());
    Plan plan;
    ReverseOrder(observed, leaving).each([&](const ObservedContainer &container, const auto &after) {
        return stop_and_remove(plan, container, after);
    });
    const std::size_t containers = plan.operations.size();
    const auto after_all = [&](OperationKind kind, const std::string &name) {
        Operation operation{.kind = kind, .subject = name};
        for (OperationIndex i = 0; i < containers; ++i)
            operation.after.push_back(i);
        plan.add(std::move(operation));
    };
    for (const std::string &name : policy.networks)
        if (observed.network(name) != nullptr && !still_used.contains(name) && services.empty())
            after_all(OperationKind::remove_network, name);
    for (const std::string &name : policy.volumes)
        if (observed.volume(name) != nullptr)
            after_all(OperationKind::remove_volume, name);
    return plan;
}

Plan plan_stop(const Observed &observed, const Selection &selection) {
    Plan plan;
    std::vector<const ObservedContainer *> running;
    for (const ObservedContainer *container : selected(observed, selection))
        if (stoppable(*container))
            running.push_back(container);
        else
            plan.unchanged.push_back(container->name);
    ReverseOrder(observed, running).each([&](const ObservedContainer &container, const auto &after) {
        Operation stop = operation_on(OperationKind::stop_container, container, "");
        stop.after = after;
        return plan.add(std::move(stop));
    });
    return plan;
}

Plan plan_start(const Observed &observed, const Selection &selection) {
    Plan plan;
    const Edges edges = observed_edges(observed);
    std::set<std::string> services = selection.services;
    if (services.empty() && selection.ids.empty())
        for (const auto &[name, dependencies] : edges)
            services.insert(name);
    services = closure(edges, services);
    for (const std::string &service : dependency_order(edges))
        for (const ObservedContainer &container : observed.containers) {
            const bool meant = !selection.ids.empty() ? selection.ids.contains(container.id)
                                                      : services.contains(service) && !container.one_off;
            if (container.service != service || !meant)
                continue;
            if (container.status == Status::running || container.status == Status::restarting) {
                plan.unchanged.push_back(container.name);
                continue;
            }
            Operation start =
                operation_on(OperationKind::start_container, container, "was " + to_string(container.status));
            start.gates = gates_of(container);
            std::erase_if(start.gates, [&](const Gate &gate) { return !edges.contains(gate.service); });
            plan.add(std::move(start));
        }
    return plan;
}

Plan plan_restart(const Observed &observed, const Selection &selection, bool with_dependents) {
    Plan plan;
    std::set<std::string> services;
    for (const ObservedContainer *container : selected(observed, selection))
        services.insert(container->service);
    const std::set<std::string> named = services;
    if (with_dependents)
        for (const ObservedContainer &container : observed.containers)
            for (const auto &[dependency, text] : container.depends_on)
                if (text.ends_with(":true") && named.contains(dependency))
                    services.insert(container.service);
    std::map<std::string, std::vector<OperationIndex>> restarted;
    for (const std::string &service : dependency_order(observed_edges(observed)))
        for (const ObservedContainer &container : observed.containers) {
            if (container.service != service || container.one_off || !services.contains(service))
                continue;
            if (!named.contains(service) && !is_active(container.status))
                continue;
            Operation restart = operation_on(OperationKind::restart_container, container, "");
            for (Gate &gate : gates_of(container))
                if (services.contains(gate.service)) {
                    restart.after.insert(restart.after.end(), restarted[gate.service].begin(),
                                         restarted[gate.service].end());
                    restart.gates.push_back(std::move(gate));
                }
            restarted[service].push_back(plan.add(std::move(restart)));
        }
    return plan;
}

Plan plan_kill(const Observed &observed, const Selection &selection) {
    Plan plan;
    for (const ObservedContainer *container : selected(observed, selection))
        if (is_active(container->status))
            plan.add(operation_on(OperationKind::kill_container, *container, ""));
    return plan;
}

Plan plan_remove(const Observed &observed, const Selection &selection, bool stop) {
    Plan plan;
    std::vector<const ObservedContainer *> leaving;
    for (const ObservedContainer *container : selected(observed, selection))
        if (stop || !is_active(container->status))
            leaving.push_back(container);
    ReverseOrder(observed, leaving).each([&](const ObservedContainer &container, const auto &after) {
        return stop_and_remove(plan, container, after);
    });
    return plan;
}

} // namespace plan
