#include "engine/image/challenge.hpp"
#include "engine/image/credentials.hpp"

#include <catch2/catch.hpp>

using image::Challenge;
using image::parse_challenges;

TEST_CASE("The challenge of a registry is parsed", "[image][auth]") {
    const auto hub = parse_challenges(
        R"(Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push")");
    REQUIRE(hub.size() == 1);
    CHECK(hub[0].scheme == "bearer");
    CHECK(hub[0].parameter("realm") == "https://auth.docker.io/token");
    CHECK(hub[0].parameter("scope") == "repository:a/b:pull,push");
    CHECK(hub[0].parameter("nothing").empty());

    const std::vector<Challenge> two{{"basic", {{"realm", "a \"b\""}}},
                                     {"bearer", {{"realm", "http://x/t"}}}};
    CHECK(parse_challenges(R"(Basic Realm = "a \"b\"", BEARER realm=http://x/t)") == two);
    CHECK(parse_challenges("Negotiate, Basic realm=x")
          == std::vector<Challenge>{{"negotiate", {}}, {"basic", {{"realm", "x"}}}});
}

TEST_CASE("Nonsense for a challenge is no challenge", "[image][auth]") {
    CHECK(parse_challenges("").empty());
    CHECK(parse_challenges("=").empty());
    CHECK(parse_challenges("a=b").empty());
    CHECK(parse_challenges("Bearer realm=\"open").front().parameter("realm") == "open");
    CHECK(parse_challenges("\x01\xff").empty());
}

TEST_CASE("Logins are found under the names Docker has used", "[image][auth]") {
    const std::string auth = image::base64_encode("me:se:cret");
    CHECK(auth == "bWU6c2U6Y3JldA==");
    CHECK(image::base64_decode(auth) == "me:se:cret");
    CHECK(image::base64_decode("!").empty());
    const std::string config =
        R"({"auths":{"https://index.docker.io/v1/":{"auth":")" + auth
        + R"("},"https://old.example/v1/":{"auth":")" + auth
        + R"("},"token.example":{"identitytoken":"T"},"plain:5000":{"username":"u","password":"p"}}})";
    const image::Credentials me{"me", "se:cret", ""};
    CHECK(image::inline_credentials(config, "docker.io", "test") == me);
    CHECK(image::inline_credentials(config, "old.example", "test") == me);
    CHECK(image::inline_credentials(config, "token.example", "test").identity_token == "T");
    CHECK(image::inline_credentials(config, "plain:5000", "test") == image::Credentials{"u", "p", ""});
    CHECK(image::inline_credentials(config, "other", "test").empty());
    CHECK(image::inline_credentials("{}", "docker.io", "test").empty());
}
