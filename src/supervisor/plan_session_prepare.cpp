// The part of PlanSession that comes before the first operation: ports and addresses the plan counts on.
#include "supervisor/network_of_blueprint.hpp"
#include "supervisor/plan_session.hpp"
#include "supervisor/published_ports.hpp"

#include <algorithm>

namespace supervisor {

using plan::OperationKind;

namespace {

bool leaves(const plan::Plan &plan, const std::string &id) {
    return std::any_of(plan.operations.begin(), plan.operations.end(), [&](const plan::Operation &operation) {
        return operation.id == id
               && (operation.kind == OperationKind::stop_container
                   || operation.kind == OperationKind::remove_container);
    });
}

} // namespace

void PlanSession::prepare(const plan::Plan &plan) {
    for (const std::string &name : plan.unchanged) {
        const auto container = project_.find(name);
        if (container && container->has_process())
            report("Container " + name, "Running", false);
    }
    for (const plan::Operation &operation : plan.operations) {
        const bool starts = operation.kind == OperationKind::start_container
                            || operation.kind == OperationKind::restart_container;
        if (operation.kind == OperationKind::create_container)
            note_fixed_addresses(blueprint_->services.at(operation.service), operation.number);
        else if (const auto container = starts ? project_.find(operation.id) : nullptr)
            note_fixed_addresses(container->spec(), container->spec().number);
    }
    for (const auto &[network, addresses] : fixed_)
        keep_fixed_addresses(network);
    if (!blueprint_)
        return;
    std::vector<network::PublishedPort> wanted;
    for (const plan::Operation &operation : plan.operations) {
        if (operation.kind != OperationKind::create_container
            || (!operation.replaces.empty() && leaves(plan, operation.replaces)))
            continue;
        const auto ports = ports_of(blueprint_->services.at(operation.service));
        wanted.insert(wanted.end(), ports.begin(), ports.end());
    }
    // Ports of containers that stop first are free by the time they are needed.
    const bool anything_leaves =
        std::any_of(plan.operations.begin(), plan.operations.end(),
                    [](const auto &operation) { return operation.kind == OperationKind::stop_container; });
    if (!wanted.empty() && !anything_leaves)
        network::check_free(project_.runtime().paths, wanted);
}

void PlanSession::note_fixed_addresses(const container::Spec &spec, int number) {
    for (const container::Endpoint &endpoint : spec.endpoints)
        if (const auto address = network::IpAddress::parse(endpoint.ipv4_address))
            fixed_[endpoint.network][lease_owner(spec, number)] = *address;
}

// Before the first container that takes any address there is.
void PlanSession::keep_fixed_addresses(const std::string &network) {
    if (const auto found = fixed_.find(network); found != fixed_.end())
        for (const auto &[owner, address] : found->second)
            project_.runtime().network.keep_address(network, owner, address);
}

std::vector<network::PublishedPort> PlanSession::ports_of(const container::Spec &spec) const {
    const container::Endpoint *endpoint = gateway_endpoint(spec);
    if (spec.ports.empty() || endpoint == nullptr)
        return wanted_ports(spec, nullptr);
    // As it will be, for it may be made or replaced only by this plan.
    if (const auto print = blueprint_->networks.find(endpoint->network);
        print != blueprint_->networks.end()) {
        const network::NetworkSpec made = network_spec(print->second, blueprint_->desired.project);
        return wanted_ports(spec, &made);
    }
    const auto existing = project_.runtime().network.find_network(endpoint->network);
    return wanted_ports(spec, existing ? &existing->spec : nullptr);
}

} // namespace supervisor
