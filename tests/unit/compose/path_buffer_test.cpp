#include "compose/path_buffer.hpp"

#include <catch2/catch.hpp>

TEST_CASE("the path is that of the place the walk is at") {
    compose::PathBuffer path;
    const auto services = path.enter("services");
    {
        const auto web = path.enter("web");
        const auto ports = path.enter("ports");
        const auto first = path.enter(std::size_t{10});
        CHECK(path.text() == "services.web.ports[10]");
    }
    CHECK(path.text() == "services");
    const auto db = path.enter("db");
    CHECK(path.text() == "services.db");
}
