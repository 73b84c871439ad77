#include "supervisor/plan_session.hpp"

#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/image/store.hpp"
#include "supervisor/network_of_blueprint.hpp"
#include "supervisor/volume_store.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace supervisor {

namespace asio = boost::asio;
using plan::OperationKind;

namespace {

std::string subject_of(const plan::Operation &operation) {
    switch (operation.kind) {
    case OperationKind::create_network:
    case OperationKind::remove_network:
        return "Network " + operation.subject;
    case OperationKind::create_volume:
    case OperationKind::remove_volume:
        return "Volume " + operation.subject;
    default:
        return "Container " + operation.subject;
    }
}

// Not on the thread that serves everybody else.
base::Task<> sync_state(base::Paths paths) {
    base::sync_together({paths.projects(), paths.volumes(), paths.networks()});
    co_return;
}

} // namespace

PlanSession::PlanSession(Project &project, std::shared_ptr<const plan::Blueprint> blueprint,
                         std::shared_ptr<Reply> reply, SessionOptions options)
    : project_(project), blueprint_(std::move(blueprint)), reply_(std::move(reply)), options_(options) {
    if (blueprint_)
        hold_ = image::Store(project_.runtime().paths).hold();
}

void PlanSession::report(const std::string &subject, const std::string &text, bool working) {
    reply_->send({.kind = AnswerKind::progress, .subject = subject, .text = text, .working = working});
}

void PlanSession::report_container(const plan::Operation &operation, const std::string &text, bool working) {
    report("Container " + operation.subject, text, working);
}

void PlanSession::warn(const std::string &sentence) {
    reply_->send({.kind = AnswerKind::warning, .text = sentence});
}

Condition &PlanSession::changed() {
    return project_.runtime().changed;
}

GateVerdict PlanSession::gate(const plan::Gate &gate) {
    return judge(gate, project_.replicas(gate.service));
}

void PlanSession::waiting_for(const plan::Gate &gate) {
    for (const Replica &replica : project_.replicas(gate.service))
        report("Container " + replica.name, "Waiting", true);
}

void PlanSession::gate_opened(const plan::Gate &gate) {
    const char *text = gate.condition == plan::GateCondition::healthy     ? "Healthy"
                       : gate.condition == plan::GateCondition::completed ? "Exited"
                                                                          : "Started";
    for (const Replica &replica : project_.replicas(gate.service))
        report("Container " + replica.name, text, false);
}

base::Task<> PlanSession::make_durable(const plan::Plan &plan) {
    const bool made =
        std::any_of(plan.operations.begin(), plan.operations.end(), [](const plan::Operation &operation) {
            return operation.kind == OperationKind::create_container
                   || operation.kind == OperationKind::create_network
                   || operation.kind == OperationKind::create_volume;
        });
    if (made)
        co_await asio::co_spawn(project_.runtime().blocking, sync_state(project_.runtime().paths),
                                asio::use_awaitable);
}

Project::Container PlanSession::target(const plan::Operation &operation) const {
    Project::Container container;
    if (operation.creates) {
        if (const auto found = created_.find(*operation.creates); found != created_.end())
            container = found->second;
    } else {
        container = project_.find(operation.id);
    }
    if (!container)
        throw base::Error(fmt::format("container {} is gone", operation.subject), "run the command again");
    return container;
}

base::Task<> PlanSession::perform(const plan::Plan &plan, plan::OperationIndex index) {
    const plan::Operation &operation = plan.operations[index];
    std::exception_ptr failure;
    try {
        switch (operation.kind) {
        case OperationKind::create_network:
            create_network(operation);
            break;
        case OperationKind::remove_network:
            report("Network " + operation.subject, "Removing", true);
            project_.runtime().network.remove_networks({operation.subject});
            report("Network " + operation.subject, "Removed", false);
            break;
        case OperationKind::create_volume:
            create_volume(operation);
            break;
        case OperationKind::remove_volume:
            report("Volume " + operation.subject, "Removing", true);
            remove_volume(project_.runtime().paths, operation.subject);
            report("Volume " + operation.subject, "Removed", false);
            break;
        case OperationKind::create_container:
            create(plan, index);
            break;
        case OperationKind::start_container:
            co_await start(operation);
            break;
        case OperationKind::restart_container:
            co_await restart(operation);
            break;
        case OperationKind::stop_container:
            co_await stop(operation);
            break;
        case OperationKind::kill_container:
            report_container(operation, "Killing", true);
            target(operation)->kill(options_.signal);
            report_container(operation, "Killed", false);
            break;
        case OperationKind::remove_container:
            remove(plan, operation);
            break;
        }
    } catch (const base::Error &error) {
        report(subject_of(operation), "Error", false);
        failure = std::current_exception();
    }
    if (failure)
        std::rethrow_exception(failure);
}

void PlanSession::create_network(const plan::Operation &operation) {
    report("Network " + operation.subject, "Creating", true);
    const auto &print = blueprint_->networks.at(operation.subject);
    project_.runtime().network.ensure_network(network_spec(print, blueprint_->desired.project));
    keep_fixed_addresses(operation.subject);
    report("Network " + operation.subject, "Created", false);
}

void PlanSession::create_volume(const plan::Operation &operation) {
    report("Volume " + operation.subject, "Creating", true);
    const auto &print = blueprint_->volumes.at(operation.subject);
    supervisor::create_volume(
        project_.runtime().paths,
        {.name = print.name, .driver = print.driver, .options = print.options, .labels = print.labels});
    report("Volume " + operation.subject, "Created", false);
}

void PlanSession::create(const plan::Plan &plan, plan::OperationIndex index) {
    const plan::Operation &operation = plan.operations[index];
    const bool again = !operation.replaces.empty();
    report_container(operation, again ? "Recreate" : "Creating", true);
    created_[index] =
        project_.create(blueprint_->services.at(operation.service), operation.subject, operation.number,
                        again ? project_.find(operation.replaces) : nullptr, options_.renew_volumes);
    report_container(operation, again ? "Recreated" : "Created", false);
}

base::Task<> PlanSession::start(const plan::Operation &operation) {
    report_container(operation, "Starting", true);
    const Project::Container container = target(operation);
    co_await container->start();
    for (const std::string &warning : container->warnings())
        warn(fmt::format("{}: {}", operation.subject, warning));
    report_container(operation, "Started", false);
}

base::Task<> PlanSession::restart(const plan::Operation &operation) {
    report_container(operation, "Restarting", true);
    const Project::Container container = target(operation);
    co_await container->stop(options_.grace);
    co_await container->start();
    report_container(operation, "Started", false);
}

base::Task<> PlanSession::stop(const plan::Operation &operation) {
    report_container(operation, "Stopping", true);
    const Project::Container container = target(operation);
    const std::string killed = co_await container->stop(options_.grace);
    report_container(operation, killed.empty() ? "Stopped" : fmt::format("Stopped ({})", killed), false);
}

void PlanSession::remove(const plan::Plan &plan, const plan::Operation &operation) {
    report_container(operation, "Removing", true);
    const bool replaced = std::any_of(plan.operations.begin(), plan.operations.end(), [&](const auto &other) {
        return other.kind == OperationKind::create_container && other.replaces == operation.id;
    });
    project_.remove(target(operation),
                    {.anonymous_volumes = options_.anonymous_volumes, .replaced = replaced});
    report_container(operation, "Removed", false);
}

} // namespace supervisor
