#include "compose/plan/order.hpp"
#include "compose/plan/teardown.hpp"

#include <catch2/catch.hpp>

using namespace plan;

namespace {

ObservedContainer container(const std::string &service, std::map<std::string, std::string> depends_on = {},
                            Status status = Status::running) {
    return {.id = "id-" + service,
            .name = "p-" + service + "-1",
            .service = service,
            .status = status,
            .networks = {"p_default"},
            .depends_on = std::move(depends_on)};
}

Observed stack() {
    Observed observed;
    observed.containers = {container("db"), container("other"),
                           container("web", {{"db", "service_healthy:true"}})};
    observed.networks = {{.name = "p_default", .hash = "n"}};
    observed.volumes = {{.name = "p_data", .hash = "v"}};
    return observed;
}

} // namespace

TEST_CASE("down goes in reverse order, then networks, then volumes") {
    CHECK(to_string(plan_down(stack(), {.networks = {"p_default"}, .volumes = {"p_data", "p_gone"}}))
          == "1 stop container p-web-1\n"
             "2 remove container p-web-1 after 1\n"
             "3 stop container p-db-1 after 2\n"
             "4 remove container p-db-1 after 3\n"
             "5 stop container p-other-1\n"
             "6 remove container p-other-1 after 5\n"
             "7 remove network p_default after 1 2 3 4 5 6\n"
             "8 remove volume p_data after 1 2 3 4 5 6\n");
}

TEST_CASE("down of a service takes what depends on it and keeps the network") {
    const Plan plan = plan_down(stack(), {.selection = {.services = {"db"}}, .networks = {"p_default"}});
    CHECK(to_string(plan)
          == "1 stop container p-web-1\n"
             "2 remove container p-web-1 after 1\n"
             "3 stop container p-db-1 after 2\n"
             "4 remove container p-db-1 after 3\n");
}

TEST_CASE("down leaves orphans and their network alone unless told") {
    const std::set<std::string> known = {"db", "web"};
    const Plan plan = plan_down(stack(), {.known = known, .networks = {"p_default"}});
    CHECK(to_string(plan).find("other") == std::string::npos);
    CHECK(to_string(plan).find("network") == std::string::npos);
    const Plan all = plan_down(stack(), {.known = known, .remove_orphans = true, .networks = {"p_default"}});
    CHECK(to_string(all).find("remove container p-other-1") != std::string::npos);
    CHECK(to_string(all).find("remove network p_default") != std::string::npos);
}

TEST_CASE("stop leaves what is stopped and stops dependents first") {
    Observed observed = stack();
    observed.containers[1].status = Status::exited;
    const Plan plan = plan_stop(observed, {});
    CHECK(to_string(plan)
          == "1 stop container p-web-1\n"
             "2 stop container p-db-1 after 1\n");
    CHECK(plan.unchanged == std::vector<std::string>{"p-other-1"});
}

TEST_CASE("start brings dependencies along and gates on them") {
    Observed observed = stack();
    for (ObservedContainer &each : observed.containers)
        each.status = Status::exited;
    CHECK(to_string(plan_start(observed, {.services = {"web"}}))
          == "1 start container p-db-1 (was exited)\n"
             "2 start container p-web-1 (was exited) when db healthy\n");
}

TEST_CASE("restart takes dependents along that asked for it") {
    CHECK(to_string(plan_restart(stack(), {.services = {"db"}}, true))
          == "1 restart container p-db-1\n"
             "2 restart container p-web-1 after 1 when db healthy\n");
    CHECK(plan_restart(stack(), {.services = {"db"}}, false).operations.size() == 1);
}

TEST_CASE("kill and rm choose by state") {
    Observed observed = stack();
    observed.containers[1].status = Status::exited;
    CHECK(plan_kill(observed, {}).operations.size() == 2);
    CHECK(to_string(plan_remove(observed, {}, false)) == "1 remove container p-other-1\n");
    CHECK(plan_remove(observed, {}, true).operations.size() == 5);
}

TEST_CASE("one-offs are only touched when asked for") {
    Observed observed = stack();
    observed.containers[0].one_off = true;
    CHECK(plan_stop(observed, {}).operations.size() == 2);
    CHECK(plan_stop(observed, {.one_offs = true}).operations.size() == 3);
    CHECK(plan_stop(observed, {.ids = {"id-db"}}).operations.size() == 1);
}

TEST_CASE("a cycle in foreign labels ends") {
    CHECK(dependency_order({{"a", {"b"}}, {"b", {"a"}}}).size() == 2);
}
