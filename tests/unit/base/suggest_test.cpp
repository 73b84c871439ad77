#include "base/suggest.hpp"

#include <catch2/catch.hpp>

using namespace base;

TEST_CASE("edit distance counts swaps once and stops at its limit") {
    CHECK(edit_distance("image", "image", 2) == 0);
    CHECK(edit_distance("imgae", "image", 2) == 1);
    CHECK(edit_distance("imagee", "image", 2) == 1);
    CHECK(edit_distance("", "ab", 2) == 2);
    CHECK(edit_distance("kitten", "sitting", 3) == 3);
    CHECK(edit_distance("kitten", "sitting", 2) == std::nullopt);
    CHECK(edit_distance(std::string(100, 'a'), std::string(100, 'a'), 2) == std::nullopt);
}

TEST_CASE("the nearest word is suggested and far ones are not") {
    const std::vector<std::string> words{"image", "ports", "environment", "env_file", "user", "uts"};
    CHECK(nearest("imagee", words) == "image");
    CHECK(nearest("prots", words) == "ports");
    CHECK(nearest("enviroment", words) == "environment");
    CHECK(nearest("ENV-FILE", words) == "env_file");
    CHECK(nearest("volumes", words) == std::nullopt);
    CHECK(nearest("x", {"y", "z"}) == std::nullopt);
    CHECK(nearest("x", {"X"}) == "X");
    CHECK(did_you_mean("usr", words) == "did you mean \"user\"?");
    CHECK(did_you_mean("nothing", words).empty());
}
