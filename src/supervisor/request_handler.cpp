#include "supervisor/request_handler.hpp"

#include "base/error.hpp"
#include "base/json.hpp"
#include "compose/plan/reconcile.hpp"
#include "compose/plan/teardown.hpp"
#include "supervisor/request_options.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

namespace supervisor {

using base::json_or;

// Held by the request whose turn it is.
struct RequestHandler::Turn {
    std::shared_ptr<Cancellation> cancellation;
    Condition &changed;

    Turn(std::shared_ptr<Cancellation> request_cancellation, Condition &condition)
        : cancellation(std::move(request_cancellation)), changed(condition) {}

    Turn(const Turn &) = delete;
    Turn &operator=(const Turn &) = delete;

    ~Turn() { changed.notify_all(); }
};

RequestHandler::RequestHandler(Project &project) : project_(project) {}

base::Task<std::shared_ptr<RequestHandler::Turn>>
RequestHandler::take_turn(std::shared_ptr<Cancellation> cancellation, bool breaks_off) {
    while (!current_.expired()) {
        {
            const auto other = current_.lock();
            if (breaks_off && !other->cancellation->requested) {
                other->cancellation->requested = true;
                other->cancellation->reason = "broken off by another command that stops containers";
                project_.runtime().changed.notify_all();
            }
        }
        co_await project_.runtime().changed.wait();
        if (cancellation->requested)
            throw base::Error("cancelled", "", 130);
    }
    auto turn = std::make_shared<Turn>(cancellation, project_.runtime().changed);
    current_ = turn;
    co_return turn;
}

base::Task<> RequestHandler::handle(std::string path, Body body, ReplyTo reply) {
    if (path == api_up)
        co_await up(body, reply);
    else if (path == api_run)
        co_await run(body, reply);
    else if (path == api_attach)
        co_await attach(body, reply);
    else if (path == api_wait)
        co_await wait(body, reply);
    else if (path == api_events)
        co_await events(body, reply);
    else if (path == api_hold)
        co_await hold(body, reply);
    else if (path == api_pause || path == api_unpause)
        co_await pause(path == api_pause, body, reply);
    else
        co_await change(path, body, reply);
}

base::Task<> RequestHandler::execute_plan(plan::Plan plan, std::shared_ptr<PlanSession> session,
                                          ReplyTo reply) {
    auto cancellation = std::make_shared<Cancellation>();
    if (const auto turn = current_.lock())
        cancellation = turn->cancellation;
    reply->on_client_gone([cancellation, &changed = project_.runtime().changed] {
        cancellation->requested = true;
        changed.notify_all();
    });
    auto shared = std::make_shared<const plan::Plan>(std::move(plan));
    session->prepare(*shared);
    co_await execute(shared, *session, cancellation);
    co_await session->make_durable(*shared);
}

base::Task<> RequestHandler::up(Body body, ReplyTo reply) {
    auto blueprint =
        std::make_shared<const plan::Blueprint>(plan::blueprint_from_json(body->at("blueprint")));
    auto cancellation = std::make_shared<Cancellation>();
    const std::shared_ptr<Turn> turn = co_await take_turn(cancellation, false);
    const plan::UpPolicy policy = up_policy(*body);
    plan::Plan plan = plan::plan_up(blueprint->desired, project_.observed(), policy);
    if (!plan.orphans.empty() && !json_or<bool>(*body, "ignore_orphans", false))
        reply->send(
            {.kind = AnswerKind::warning, .text = orphan_warning(project_.runtime().project, plan.orphans)});
    for (const std::string &warning : plan.warnings)
        reply->send({.kind = AnswerKind::warning, .text = warning});
    declare_names(project_, blueprint->desired, dns::Standing::expected);
    auto session = std::make_shared<PlanSession>(project_, blueprint, reply, session_options(*body));
    std::exception_ptr failure;
    try {
        co_await execute_plan(std::move(plan), session, reply);
        if (json_or<bool>(*body, "wait", false))
            co_await wait_until_running(services_in_scope(blueprint->desired, up_policy(*body)), body, reply);
    } catch (...) {
        failure = std::current_exception();
    }
    declare_names(project_, blueprint->desired, dns::Standing::stopped);
    if (failure)
        std::rethrow_exception(failure);
}

// `up --wait`: every service in scope runs, and is healthy if it has a health check; one that somebody waits
// for to complete, or that ended with 0 and is not restarted, counts as well.
base::Task<> RequestHandler::wait_until_running(std::set<std::string> services, Body body, ReplyTo reply) {
    const int seconds = json_or<int>(*body, "wait_timeout", 0);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    const std::shared_ptr<Turn> turn = current_.lock();
    std::map<std::string, std::string> told;
    for (;;) {
        bool all = true;
        for (const std::string &service : services)
            for (const Replica &replica : project_.replicas(service)) {
                const WaitVerdict verdict = judge_wait(replica);
                if (verdict.failed)
                    throw base::Error(verdict.text);
                all = all && verdict.ready;
                if (std::exchange(told[replica.name], verdict.text) != verdict.text)
                    reply->send({.kind = AnswerKind::progress,
                                 .subject = "Container " + replica.name,
                                 .text = verdict.text,
                                 .working = !verdict.ready});
            }
        if (all)
            co_return;
        if (turn && turn->cancellation->requested)
            throw base::Error("cancelled", "", 130);
        if (seconds > 0 && std::chrono::steady_clock::now() >= deadline)
            throw base::Error(fmt::format("application not healthy after {}s", seconds));
        if (seconds > 0)
            co_await project_.runtime().changed.wait_until(deadline);
        else
            co_await project_.runtime().changed.wait();
    }
}

// Starts the dependencies and prepares the one-off container; the client attaches, then starts it.
base::Task<> RequestHandler::run(Body body, ReplyTo reply) {
    auto blueprint =
        std::make_shared<const plan::Blueprint>(plan::blueprint_from_json(body->at("blueprint")));
    auto cancellation = std::make_shared<Cancellation>();
    const std::shared_ptr<Turn> turn = co_await take_turn(cancellation, false);
    const container::Spec spec = plan::spec_with_files(body->at("run"));
    const plan::UpPolicy policy = up_policy(*body);
    plan::Plan plan = plan::plan_up(blueprint->desired, project_.observed(), policy);
    if (!plan.orphans.empty() && !json_or<bool>(*body, "ignore_orphans", false))
        reply->send(
            {.kind = AnswerKind::warning, .text = orphan_warning(project_.runtime().project, plan.orphans)});
    auto session = std::make_shared<PlanSession>(project_, blueprint, reply, session_options(*body));
    co_await execute_plan(std::move(plan), session, reply);
    for (const plan::Gate &gate : gates_of_run(*body, *blueprint, spec.service))
        co_await pass_gate(gate, cancellation, *session);
    const std::string name = json_or<std::string>(*body, "name", "");
    if (project_.find(name))
        throw base::Error(fmt::format("the container name \"{}\" is already in use", name),
                          "choose another with --name, or remove that container");
    const auto made = project_.create(spec, name, 1, nullptr, true);
    reply->send({.kind = AnswerKind::event,
                 .action = "create",
                 .service = spec.service,
                 .id = made->spec().id,
                 .name = name});
}

base::Task<> RequestHandler::pass_gate(plan::Gate gate, std::shared_ptr<Cancellation> cancellation,
                                       PlanSession &session) {
    for (;;) {
        const GateVerdict verdict = session.gate(gate);
        if (verdict.status == GateStatus::failed)
            throw base::Error(verdict.reason);
        if (verdict.status == GateStatus::open_with_warning)
            session.warn(verdict.reason);
        if (verdict.status != GateStatus::waiting)
            co_return;
        if (cancellation->requested)
            throw base::Error("cancelled", "", 130);
        co_await project_.runtime().changed.wait();
    }
}

base::Task<> RequestHandler::change(std::string path, Body body, ReplyTo reply) {
    const plan::Selection selection = selection_of(*body);
    const bool breaks_off = path == api_down || path == api_stop || path == api_kill || path == api_remove;
    auto cancellation = std::make_shared<Cancellation>();
    const std::shared_ptr<Turn> turn = co_await take_turn(cancellation, breaks_off);
    const plan::Observed observed = project_.observed();
    plan::Plan plan;
    if (path == api_down)
        plan = plan::plan_down(observed, down_policy(*body));
    else if (path == api_stop)
        plan = plan::plan_stop(observed, selection);
    else if (path == api_start)
        plan = plan::plan_start(observed, selection);
    else if (path == api_restart)
        plan = plan::plan_restart(observed, selection, json_or<bool>(*body, "with_dependents", true));
    else if (path == api_kill)
        plan = plan::plan_kill(observed, selection);
    else if (path == api_remove)
        plan = plan::plan_remove(observed, selection, json_or<bool>(*body, "stop", false));
    else
        throw base::Error(
            "the supervisor doesn't know the request " + path,
            "it may be of another version: take the project down with the version that started it");
    if (json_or<bool>(*body, "no_gates", false))
        for (plan::Operation &operation : plan.operations)
            operation.gates.clear();
    if (path == api_stop)
        for (const std::string &name : plan.unchanged)
            reply->send({.kind = AnswerKind::progress, .subject = "Container " + name, .text = "Stopped"});
    auto session = std::make_shared<PlanSession>(project_, nullptr, reply, session_options(*body));
    std::set<std::string> services;
    for (const plan::Operation &operation : plan.operations)
        services.insert(operation.service);
    co_await execute_plan(std::move(plan), session, reply);
    if (path == api_start && json_or<bool>(*body, "wait", false))
        co_await wait_until_running(services, body, reply);
}

base::Task<> RequestHandler::pause(bool freeze, Body body, ReplyTo reply) {
    const plan::Selection selection = selection_of(*body);
    for (const auto &[id, container] : project_.containers()) {
        const container::Spec &spec = container->spec();
        const bool of_services =
            !spec.one_off && (selection.services.empty() || selection.services.contains(spec.service));
        if (selection.ids.empty() ? !of_services : !selection.ids.contains(id))
            continue;
        if (freeze)
            container->pause();
        else
            container->unpause();
        reply->send({.kind = AnswerKind::progress,
                     .subject = "Container " + spec.name,
                     .text = freeze ? "Paused" : "Unpaused"});
    }
    co_return;
}

// Until the client leaves, by what means ever.
base::Task<> RequestHandler::hold(Body body, ReplyTo reply) {
    const auto container = project_.find(json_or<std::string>(*body, "id", ""));
    if (!container)
        throw base::Error("the container was removed meanwhile", "compose ps -a shows what there is");
    Condition &changed = project_.runtime().changed;
    const ManagedContainer::Hold hold = container->hold();
    reply->send({.kind = AnswerKind::event, .action = "hold"});
    reply->on_client_gone([&changed] { changed.notify_all(); });
    while (!reply->client_gone() && container->is_held_by(hold))
        co_await changed.wait();
    reply->on_client_gone(nullptr);
    if (!reply->client_gone())
        throw base::Error(
            fmt::format("container {} was stopped while it had to stand still", container->spec().name));
}

base::Task<> RequestHandler::attach(Body body, ReplyTo reply) {
    const auto container = project_.find(json_or<std::string>(*body, "id", ""));
    if (!container)
        throw base::Error("no such container");
    base::UniqueFd input = container->take_input(json_or<bool>(*body, "once", false));
    if (!input)
        throw base::Error(fmt::format("container {} takes no input", container->spec().name),
                          "set `stdin_open: true` or `tty: true` in its service");
    std::vector<base::UniqueFd> fds;
    fds.push_back(std::move(input));
    reply->hand_over(std::move(fds));
    co_return;
}

base::Task<> RequestHandler::wait(Body body, ReplyTo reply) {
    const auto container = project_.find(json_or<std::string>(*body, "id", ""));
    if (!container)
        throw base::Error("no such container");
    bool gone = false;
    reply->on_client_gone([&gone, this] {
        gone = true;
        project_.runtime().changed.notify_all();
    });
    while (
        !gone
        && (container->has_process() || container->starting() || plan::is_active(container->state().status)))
        co_await project_.runtime().changed.wait();
    reply->on_client_gone(nullptr);
    reply->send({.kind = AnswerKind::event,
                 .action = "die",
                 .service = container->spec().service,
                 .id = container->spec().id,
                 .name = container->spec().name,
                 .container_exit_code = container->state().exit_code});
}

// Until the client leaves; with `until_idle` until nothing runs and no request is at work that may start
// something again.
base::Task<> RequestHandler::events(Body body, ReplyTo reply) {
    const bool until_idle = json_or<bool>(*body, "until_idle", false);
    Condition &changed = project_.runtime().changed;
    const auto token = project_.runtime().events.listen([reply](const Answer &event) { reply->send(event); });
    // The first line tells the client that from now on it misses nothing.
    reply->send({.kind = AnswerKind::event, .action = "listening"});
    reply->on_client_gone([&changed] { changed.notify_all(); });
    while (!reply->client_gone() && !(until_idle && current_.expired() && !project_.anything_active()))
        co_await changed.wait();
    reply->on_client_gone(nullptr);
    project_.runtime().events.ignore(token);
}

} // namespace supervisor
