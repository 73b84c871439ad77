#include "base/json.hpp"
#include "supervisor/gate.hpp"
#include "supervisor/health_machine.hpp"
#include "supervisor/restart_machine.hpp"
#include "supervisor/status_text.hpp"

#include <catch2/catch.hpp>

using namespace supervisor;
using namespace std::chrono_literals;
using plan::GateCondition;
using plan::Health;
using plan::Status;

namespace {

const SteadyTime t0{};

Replica replica(Status status, Health health = Health::none, int exit_code = 0) {
    return {"p-db-1", {.status = status, .health = health, .exit_code = exit_code}, health != Health::none};
}

GateVerdict judge_db(GateCondition condition, const Replica &one, bool required = true) {
    return judge({.service = "db", .condition = condition, .required = required}, {one});
}

} // namespace

TEST_CASE("restarts back off from 100 ms to a minute and start over after a settled run") {
    RestartMachine machine({.kind = RestartPolicy::Kind::always});
    machine.started(t0);
    CHECK(machine.exited(0, t0) == t0 + 100ms);
    CHECK(machine.exited(1, t0) == t0 + 200ms);
    for (int i = 0; i < 20; ++i)
        (void)machine.exited(1, t0);
    CHECK(machine.exited(1, t0) == t0 + 1min);
    machine.started(t0);
    CHECK(machine.exited(1, t0 + 10s) == t0 + 10s + 100ms);
}

TEST_CASE("a policy decides by exit code, attempts and the user's word") {
    RestartMachine on_failure({.kind = RestartPolicy::Kind::on_failure, .max_attempts = 2});
    on_failure.started(t0);
    CHECK_FALSE(on_failure.exited(0, t0));
    CHECK(on_failure.exited(1, t0));
    CHECK(on_failure.exited(1, t0));
    CHECK_FALSE(on_failure.exited(1, t0));

    RestartMachine unless({.kind = RestartPolicy::Kind::unless_stopped});
    unless.started(t0);
    unless.stopped_by_user();
    CHECK_FALSE(unless.exited(137, t0));
    unless.started(t0);
    CHECK(unless.exited(137, t0));

    RestartMachine never{RestartPolicy{}};
    CHECK_FALSE(never.exited(1, t0));

    RestartMachine delayed({.kind = RestartPolicy::Kind::always, .delay = 5s});
    CHECK(delayed.exited(1, t0) == t0 + 5s);
}

TEST_CASE("slow failures count against on-failure's attempts, and the user's start begins anew") {
    RestartMachine machine({.kind = RestartPolicy::Kind::on_failure, .max_attempts = 1});
    machine.started(t0);
    CHECK(machine.exited(1, t0 + 1min) == t0 + 1min + 100ms);
    machine.started(t0 + 2min);
    CHECK_FALSE(machine.exited(1, t0 + 3min));
    machine.started(t0 + 4min);
    CHECK(machine.exited(1, t0 + 4min) == t0 + 4min + 100ms);
}

TEST_CASE("a start that fails has run for no time") {
    RestartMachine machine({.kind = RestartPolicy::Kind::always});
    machine.started(t0);
    CHECK(machine.exited(1, t0 + 1h) == t0 + 1h + 100ms);
    CHECK(machine.exited(127, t0 + 1h) == t0 + 1h + 200ms);
    CHECK(machine.exited(127, t0 + 1h) == t0 + 1h + 400ms);
}

TEST_CASE("deploy's window forgives restarts that lasted, its delay is never none") {
    RestartMachine machine(
        {.kind = RestartPolicy::Kind::always, .max_attempts = 1, .delay = 0s, .window = 30s});
    machine.started(t0);
    CHECK(machine.exited(1, t0 + 1s) == t0 + 1s + 100ms);
    machine.started(t0);
    CHECK(machine.exited(1, t0 + 30s));
    machine.started(t0);
    CHECK_FALSE(machine.exited(1, t0 + 29s));
}

TEST_CASE("a restart policy survives its JSON form") {
    const RestartPolicy policy{RestartPolicy::Kind::on_failure, 3, 2s, 1min};
    const RestartPolicy back = restart_policy_from_json(to_json(policy));
    CHECK(back.kind == policy.kind);
    CHECK(back.max_attempts == 3);
    CHECK(back.delay == policy.delay);
    CHECK(back.window == policy.window);
}

TEST_CASE("health needs `retries` failures in a row to turn") {
    HealthMachine machine({.argv = {"x"}, .interval = 10s, .retries = 2});
    CHECK(machine.started(t0) == t0 + 10s);
    CHECK(machine.health() == Health::starting);
    machine.probed(false, t0 + 10s, t0 + 10s);
    CHECK(machine.health() == Health::starting);
    machine.probed(true, t0 + 20s, t0 + 20s);
    CHECK(machine.health() == Health::healthy);
    machine.probed(false, t0 + 30s, t0 + 30s);
    CHECK(machine.health() == Health::healthy);
    machine.probed(false, t0 + 40s, t0 + 40s);
    CHECK(machine.health() == Health::unhealthy);
    CHECK(machine.failing_streak() == 2);
    machine.probed(true, t0 + 50s, t0 + 50s);
    CHECK(machine.health() == Health::healthy);
    machine.stopped();
    CHECK(machine.health() == Health::none);
}

TEST_CASE("failures in the start period don't count, one success ends it") {
    HealthMachine machine(
        {.argv = {"x"}, .interval = 30s, .start_period = 1min, .start_interval = 1s, .retries = 1});
    CHECK(machine.started(t0) == t0 + 1s);
    CHECK(machine.probed(false, t0 + 1s, t0 + 1s) == t0 + 2s);
    CHECK(machine.health() == Health::starting);
    CHECK(machine.probed(true, t0 + 2s, t0 + 2s) == t0 + 32s);
    CHECK(machine.health() == Health::healthy);
    machine.probed(false, t0 + 32s, t0 + 32s);
    CHECK(machine.health() == Health::unhealthy);
}

TEST_CASE("a probe belongs to the start period when it began there, the pause after it when it ended there") {
    HealthMachine machine(
        {.argv = {"x"}, .interval = 30s, .start_period = 10s, .start_interval = 1s, .retries = 1});
    (void)machine.started(t0);
    CHECK(machine.probed(false, t0 + 9s, t0 + 12s) == t0 + 42s);
    CHECK(machine.health() == Health::starting);
    CHECK(machine.failing_streak() == 0);
    machine.probed(false, t0 + 42s, t0 + 43s);
    CHECK(machine.health() == Health::unhealthy);
}

TEST_CASE("service_started is satisfied by running, and by having run") {
    CHECK(judge_db(GateCondition::started, replica(Status::created)).status == GateStatus::waiting);
    CHECK(judge_db(GateCondition::started, replica(Status::running)).status == GateStatus::open);
    CHECK(judge_db(GateCondition::started, replica(Status::exited, Health::none, 1)).status
          == GateStatus::open);
}

TEST_CASE("service_healthy fails with the words of Docker Compose") {
    CHECK(judge_db(GateCondition::healthy, replica(Status::running, Health::starting)).status
          == GateStatus::waiting);
    CHECK(judge_db(GateCondition::healthy, replica(Status::running, Health::healthy)).status
          == GateStatus::open);
    CHECK(judge_db(GateCondition::healthy, replica(Status::running, Health::unhealthy)).reason
          == "dependency failed to start: container p-db-1 is unhealthy");
    CHECK(judge_db(GateCondition::healthy, replica(Status::exited, Health::starting, 1)).reason
          == "dependency failed to start: container p-db-1 exited (1)");
    CHECK(judge_db(GateCondition::healthy, replica(Status::running)).status == GateStatus::failed);
}

TEST_CASE("service_completed_successfully needs exit 0") {
    CHECK(judge_db(GateCondition::completed, replica(Status::running)).status == GateStatus::waiting);
    CHECK(judge_db(GateCondition::completed, replica(Status::exited)).status == GateStatus::open);
    CHECK(judge_db(GateCondition::completed, replica(Status::exited, Health::none, 3)).reason
          == "service \"db\" didn't complete successfully: exit 3");
}

TEST_CASE("an optional dependency only warns") {
    const GateVerdict verdict =
        judge_db(GateCondition::completed, replica(Status::exited, Health::none, 3), false);
    CHECK(verdict.status == GateStatus::open_with_warning);
    CHECK(verdict.reason == "optional dependency \"db\" didn't complete successfully: exit 3");
    CHECK(judge_db(GateCondition::healthy, replica(Status::running, Health::unhealthy), false).reason
          == "optional dependency \"db\" failed to start: container p-db-1 is unhealthy");
    CHECK(judge({.service = "db", .required = false}, {}).status == GateStatus::open_with_warning);
    CHECK(judge({.service = "db"}, {}).status == GateStatus::failed);
}

TEST_CASE("states read as in docker ps") {
    const base::Timestamp now = *base::parse_rfc3339("2026-01-01T00:10:00Z");
    StateRecord state;
    CHECK(status_text(state, now) == "Created");
    state = {.status = Status::running, .health = Health::healthy};
    state.started = now - 3min;
    CHECK(status_text(state, now) == "Up 3 minutes (healthy)");
    state.health = Health::starting;
    CHECK(status_text(state, now) == "Up 3 minutes (health: starting)");
    state.status = Status::paused;
    CHECK(status_text(state, now) == "Up 3 minutes (Paused)");
    state.status = Status::exited;
    state.exit_code = 137;
    state.finished = now - 2h;
    CHECK(status_text(state, now) == "Exited (137) 2 hours ago");
    state.status = Status::restarting;
    CHECK(status_text(state, now) == "Restarting (137) 2 hours ago");
}

TEST_CASE("a state record survives its JSON form") {
    StateRecord state{.status = Status::running, .pid = 12, .start_ticks = 34};
    state.started = *base::parse_rfc3339("2026-01-01T00:10:00Z");
    state.endpoints = {{"p_default", "172.20.0.2", 24, "172.20.0.1", "02:42:ac:14:00:02", "eth0", {"web"}}};
    state.ports = {{"0.0.0.0", 8080, 80, "tcp"}};
    state.probes = {{*state.started, *state.started, 1, "no"}};
    const StateRecord back = state_from_json(base::parse_json(base::dump_json(to_json(state)), "test"));
    CHECK(base::dump_json(to_json(back)) == base::dump_json(to_json(state)));
    CHECK_THROWS(state_from_json(base::parse_json(R"({"version": 99})", "test")));
}
