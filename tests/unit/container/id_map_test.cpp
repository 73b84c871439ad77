#include "engine/container/id_map.hpp"

#include <catch2/catch.hpp>

using namespace container;

TEST_CASE("without a user namespace of its own a container's ids are the host's") {
    const Spec spec;
    CHECK_FALSE(has_own_users(spec));
    CHECK(host_owner(spec, {1000, 4000000000}) == Owner{1000, 4000000000});
    CHECK(inside_owner(spec, {1000, 70000}) == Owner{1000, 70000});
}

TEST_CASE("ids are mapped both ways") {
    Spec spec;
    spec.namespaces.uid_map = {{0, 1048576, 65536}};
    spec.namespaces.gid_map = {{0, 2097152, 1000}, {1000, 5, 1}};
    CHECK(has_own_users(spec));
    CHECK(host_owner(spec, {0, 0}) == Owner{1048576, 2097152});
    CHECK(host_owner(spec, {65535, 1000}) == Owner{1114111, 5});
    CHECK(inside_owner(spec, {1048577, 5}) == Owner{1, 1000});
}

TEST_CASE("ids outside of the mapping are refused on the way out, and nobody on the way in") {
    Spec spec;
    spec.namespaces.uid_map = spec.namespaces.gid_map = {{0, 1048576, 65536}};
    CHECK_THROWS_WITH(host_owner(spec, {65536, 0}),
                      "user 65536 does not exist in the container's user namespace");
    CHECK_THROWS_WITH(host_owner(spec, {0, 70000}),
                      "group 70000 does not exist in the container's user namespace");
    CHECK(inside_owner(spec, {0, 1048575}) == Owner{65534, 65534});
}
