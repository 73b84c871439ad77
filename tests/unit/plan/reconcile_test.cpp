#include "base/error.hpp"
#include "compose/plan/reconcile.hpp"

#include <catch2/catch.hpp>

using namespace plan;

namespace {

// A stack of web -> db on one network, with one volume.
Desired stack() {
    Desired desired{.project = "p"};
    desired.services["db"] = {
        .name = "db", .hash = "h-db", .image = "i-db", .networks = {"p_default"}, .volumes = {"p_data"}};
    desired.services["web"] = {.name = "web",
                               .hash = "h-web",
                               .image = "i-web",
                               .depends_on = {{.service = "db", .condition = GateCondition::healthy}},
                               .networks = {"p_default"}};
    desired.networks = {{.name = "p_default", .hash = "n"}};
    desired.volumes = {{.name = "p_data", .hash = "v"}};
    return desired;
}

ObservedContainer container(const std::string &service, int number = 1, Status status = Status::running) {
    return {.id = "id-" + service + std::to_string(number),
            .name = "p-" + service + "-" + std::to_string(number),
            .service = service,
            .number = number,
            .status = status,
            .hash = "h-" + service,
            .image = "i-" + service,
            .networks = {"p_default"},
            .volumes = service == "db" ? std::vector<std::string>{"p_data", "anonymous"}
                                       : std::vector<std::string>{}};
}

Observed running() {
    Observed observed;
    observed.containers = {container("db"), container("web")};
    observed.networks = {{.name = "p_default", .hash = "n"}};
    observed.volumes = {{.name = "p_data", .hash = "v"}};
    return observed;
}

} // namespace

TEST_CASE("a new stack is created along its dependencies") {
    CHECK(to_string(plan_up(stack(), {}, {}))
          == "1 create network p_default (does not exist)\n"
             "2 create volume p_data (does not exist)\n"
             "3 create container p-db-1 (does not exist) after 1 2\n"
             "4 start container p-db-1 after 3\n"
             "5 create container p-web-1 (does not exist) after 1\n"
             "6 start container p-web-1 after 5 when db healthy\n");
}

TEST_CASE("a stack as wanted needs nothing") {
    const Plan plan = plan_up(stack(), running(), {});
    CHECK(plan.empty());
    CHECK(plan.unchanged == std::vector<std::string>{"p-db-1", "p-web-1"});
}

TEST_CASE("only what changed is recreated") {
    Desired desired = stack();
    desired.services["web"].hash = "other";
    CHECK(to_string(plan_up(desired, running(), {}))
          == "1 create container p-web-1 (configuration changed)\n"
             "2 stop container p-web-1 (replaced) after 1\n"
             "3 remove container p-web-1 (replaced) after 1 2\n"
             "4 start container p-web-1 after 1 3 when db healthy\n");
}

TEST_CASE("a new image recreates its service") {
    Desired desired = stack();
    desired.services["db"].image = "newer";
    CHECK(plan_up(desired, running(), {}).operations.front().cause == "image changed");
}

TEST_CASE("a container is recreated for another volume at the same place") {
    Desired desired = stack();
    desired.services["db"].volumes = {"p_other"};
    desired.volumes.push_back({.name = "p_other", .hash = "v"});
    const Plan plan = plan_up(desired, running(), {});
    CHECK(plan.operations[0].subject == "p_other");
    CHECK(plan.operations[1].cause == "volumes changed");
}

TEST_CASE("a changed volume is kept, with a warning, unless its loss was agreed to") {
    Desired desired = stack();
    desired.volumes[0].hash = "other";
    const Plan kept = plan_up(desired, running(), {});
    CHECK(kept.empty());
    REQUIRE(kept.warnings.size() == 1);
    CHECK_THAT(kept.warnings[0], Catch::Contains("\"p_data\" exists but doesn't match"));
    const Plan replaced = plan_up(desired, running(), {.recreate_volumes = true});
    CHECK(to_string(replaced)
          == "1 stop container p-db-1 (its volume is replaced)\n"
             "2 remove container p-db-1 (its volume is replaced) after 1\n"
             "3 remove volume p_data (definition changed) after 2\n"
             "4 create volume p_data (definition changed) after 3\n"
             "5 create container p-db-1 (does not exist) after 4\n"
             "6 start container p-db-1 after 5\n");
    CHECK(replaced.warnings.empty());
}

TEST_CASE("force-recreate touches its targets only") {
    const Plan plan = plan_up(stack(), running(), {.targets = {"web"}, .targeted = Recreate::always});
    CHECK(plan.operations.size() == 4);
    for (const Operation &operation : plan.operations)
        CHECK(operation.service == "web");
    CHECK(plan.unchanged == std::vector<std::string>{"p-db-1"});
}

TEST_CASE("no-recreate keeps what differs and still adds replicas") {
    Desired desired = stack();
    desired.services["web"].hash = "other";
    const Plan plan =
        plan_up(desired, running(),
                {.targeted = Recreate::never, .dependencies = Recreate::never, .scale = {{"web", 2}}});
    CHECK(to_string(plan)
          == "1 create container p-web-2 (does not exist)\n"
             "2 start container p-web-2 after 1 when db healthy\n");
}

TEST_CASE("no-deps leaves dependencies out, and their gates") {
    const Plan plan = plan_up(stack(), {}, {.targets = {"web"}, .with_dependencies = false});
    CHECK(to_string(plan)
          == "1 create network p_default (does not exist)\n"
             "2 create container p-web-1 (does not exist) after 1\n"
             "3 start container p-web-1 after 2\n");
}

TEST_CASE("a target brings its dependencies, not its dependents") {
    const Plan plan = plan_up(stack(), {}, {.targets = {"db"}});
    for (const Operation &operation : plan.operations)
        CHECK(operation.service != "web");
}

TEST_CASE("what has stopped is started again, without creating") {
    Observed observed = running();
    observed.containers[1].status = Status::exited;
    CHECK(to_string(plan_up(stack(), observed, {}))
          == "1 start container p-web-1 (was exited) when db healthy\n");
    CHECK(plan_up(stack(), observed, {.start = false}).empty());
}

TEST_CASE("scaling down drops out-of-date replicas first, then the highest numbers") {
    Desired desired = stack();
    Observed observed = running();
    observed.containers.push_back(container("web", 2));
    observed.containers.push_back(container("web", 3));
    observed.containers[1].hash = "old";
    const Plan plan = plan_up(desired, observed, {.scale = {{"web", 1}}});
    CHECK(to_string(plan)
          == "1 stop container p-web-3 (scaled to 1)\n"
             "2 remove container p-web-3 (scaled to 1) after 1\n"
             "3 stop container p-web-1 (scaled to 1)\n"
             "4 remove container p-web-1 (scaled to 1) after 3\n");
    CHECK(plan.unchanged == std::vector<std::string>{"p-db-1", "p-web-2"});
}

TEST_CASE("free numbers are used again") {
    Observed observed = running();
    observed.containers[1] = container("web", 2);
    const Plan plan = plan_up(stack(), observed, {.scale = {{"web", 2}}});
    CHECK(plan.operations.front().subject == "p-web-1");
}

TEST_CASE("orphans are named, and removed on request") {
    Observed observed = running();
    observed.containers.push_back(container("gone"));
    CHECK(plan_up(stack(), observed, {}).orphans == std::vector<std::string>{"p-gone-1"});
    CHECK(to_string(plan_up(stack(), observed, {.remove_orphans = true}))
          == "1 stop container p-gone-1 (orphan)\n"
             "2 remove container p-gone-1 (orphan) after 1\n");
}

TEST_CASE("a running one-off is no orphan, an exited one is") {
    Observed observed = running();
    observed.containers.push_back(container("web", 9));
    observed.containers.back().one_off = true;
    CHECK(plan_up(stack(), observed, {}).orphans.empty());
    observed.containers.back().status = Status::exited;
    CHECK(plan_up(stack(), observed, {}).orphans.size() == 1);
}

TEST_CASE("a changed network is replaced and its containers keep their identity") {
    Desired desired = stack();
    desired.networks[0].hash = "other";
    CHECK(to_string(plan_up(desired, running(), {}))
          == "1 stop container p-db-1 (its network is replaced)\n"
             "2 stop container p-web-1 (its network is replaced)\n"
             "3 remove network p_default (definition changed) after 1 2\n"
             "4 create network p_default (definition changed) after 3\n"
             "5 start container p-db-1 (its network was replaced) after 4 1\n"
             "6 start container p-web-1 (its network was replaced) after 4 2 when db healthy\n");
}

TEST_CASE("a missing external network or volume is an error that names it") {
    Desired desired = stack();
    desired.networks[0].external = true;
    CHECK_THROWS_WITH(plan_up(desired, {}, {}),
                      "network p_default declared as external, but could not be found");
    desired.networks[0].external = false;
    desired.volumes[0].external = true;
    CHECK_THROWS_WITH(plan_up(desired, {}, {}), "external volume \"p_data\" not found");
}

TEST_CASE("dependents that ask for it restart with a recreated dependency") {
    Desired desired = stack();
    desired.services["web"].depends_on[0].restart = true;
    desired.services["db"].hash = "other";
    const Plan plan = plan_up(desired, running(), {});
    CHECK(plan.operations.back().kind == OperationKind::restart_container);
    CHECK(plan.operations.back().subject == "p-web-1");
    CHECK(plan.unchanged.empty());
}

TEST_CASE("a recreated namespace donor recreates those that share it") {
    Desired desired = stack();
    desired.services["web"].donors = {"db"};
    desired.services["db"].hash = "other";
    const Plan plan = plan_up(desired, running(), {});
    CHECK(to_string(plan).find("create container p-web-1 (db was recreated)") != std::string::npos);
}

TEST_CASE("a service scaled to zero gates nobody") {
    Desired desired = stack();
    desired.services["db"].replicas = 0;
    CHECK(to_string(plan_up(desired, {}, {})).find("when") == std::string::npos);
}
