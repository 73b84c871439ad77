#include "compose/clean_path.hpp"

#include <catch2/catch.hpp>

using compose::clean_path;

TEST_CASE("a path is cleaned of dots, slashes in a row and the slash at its end") {
    CHECK(clean_path("/data/./a//b/../c/") == "/data/a/c");
    CHECK(clean_path("/data/.") == "/data");
    CHECK(clean_path("./data") == "data");
    CHECK(clean_path("/") == "/");
}

TEST_CASE("a path that is clean stays as it is") {
    for (const char *path : {"/data", "/a.b/c..d", "/.hidden/..x", "data", ""})
        CHECK(clean_path(path) == path);
}
