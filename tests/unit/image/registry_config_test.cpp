#include "base/error.hpp"
#include "engine/image/registry_config.hpp"

#include <catch2/catch.hpp>

using image::Endpoint;
using image::RegistryConfig;

TEST_CASE("Mirrors come before the registry itself", "[image][registries]") {
    const auto config = RegistryConfig::parse(
        R"({"mirrors":{"docker.io":["http://127.0.0.1:5000/","https://m.example"]},"insecure":["lan:5000"]})",
        "x");
    CHECK(config.endpoints("docker.io")
          == std::vector<Endpoint>{{"http://127.0.0.1:5000", false, true},
                                   {"https://m.example", true, true},
                                   {"https://registry-1.docker.io", true, false}});
    CHECK(config.endpoints("ghcr.io") == std::vector<Endpoint>{{"https://ghcr.io", true, false}});
    CHECK(config.endpoints("lan:5000")
          == std::vector<Endpoint>{{"https://lan:5000", false, false}, {"http://lan:5000", false, false}});
}

TEST_CASE("A loopback registry may speak plain HTTP", "[image][registries]") {
    for (const char *registry : {"localhost:5000", "127.0.0.1:80", "127.1.2.3", "[::1]:5000"}) {
        CAPTURE(registry);
        CHECK(RegistryConfig{}.endpoints(registry).back().url == std::string("http://") + registry);
    }
    CHECK(RegistryConfig{}.endpoints("localhost.example:5000").size() == 1);
}

TEST_CASE("A wrong registries file is named with what is wrong", "[image][registries]") {
    for (const char *text : {"{", "[]", R"({"mirror":{}})", R"({"mirrors":{"a":"b"}})",
                             R"({"mirrors":{"a":["b"]}})", R"({"insecure":[1]})"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH(RegistryConfig::parse(text, "registries.json"), Catch::Contains("registries.json"));
    }
}
