#include "base/error.hpp"
#include "engine/image/platform.hpp"

#include <catch2/catch.hpp>

using image::Platform;

TEST_CASE("Platforms are brought to one spelling", "[image][platform]") {
    CHECK(Platform::parse("linux/amd64") == Platform{"linux", "amd64", ""});
    CHECK(Platform::parse("linux/x86_64") == Platform{"linux", "amd64", ""});
    CHECK(Platform::parse("Linux/aarch64") == Platform{"linux", "arm64", ""});
    CHECK(Platform::parse("linux/arm64/v8") == Platform{"linux", "arm64", ""});
    CHECK(Platform::parse("linux/arm/7") == Platform{"linux", "arm", ""});
    CHECK(Platform::parse("linux/armel") == Platform{"linux", "arm", "v6"});
    CHECK(Platform::parse("arm64") == Platform{"linux", "arm64", ""});
    CHECK(Platform::parse("linux/arm/v6").text() == "linux/arm/v6");
    CHECK_THROWS_AS(Platform::parse("a/b/c/d"), base::Error);
    CHECK_THROWS_AS(Platform::parse("linux//v7"), base::Error);
}

TEST_CASE("A machine runs its own and older variants", "[image][platform]") {
    const Platform arm{"linux", "arm", "v7"};
    CHECK(arm.distance_to({"linux", "arm", ""}) == 0);
    CHECK(arm.distance_to({"linux", "arm", "v6"}) == 1);
    CHECK(arm.distance_to({"linux", "arm", "v5"}) == 2);
    CHECK(Platform{"linux", "arm", "v6"}.distance_to(arm) < 0);
    CHECK(Platform{"linux", "amd64", ""}.distance_to({"linux", "arm64", ""}) < 0);
    CHECK(Platform{"linux", "amd64", ""}.distance_to({"windows", "amd64", ""}) < 0);
    CHECK(Platform{"linux", "amd64", ""}.distance_to({"linux", "386", ""}) > 0);
}
