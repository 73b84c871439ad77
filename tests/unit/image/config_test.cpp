#include "base/error.hpp"
#include "engine/image/config.hpp"

#include <catch2/catch.hpp>

using image::ImageConfig;
using namespace std::chrono_literals;

namespace {

const char *const docker_config = R"({
  "architecture": "arm64", "os": "linux", "variant": "v8", "created": "2024-05-01T10:20:30.123456789Z",
  "config": {
    "User": "redis", "ExposedPorts": {"6379/tcp": {}}, "Env": ["PATH=/bin", "A=b=c"],
    "Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["redis-server"], "Volumes": {"/data": {}},
    "WorkingDir": "/data", "Labels": {"k": "v"}, "StopSignal": "SIGINT", "Shell": ["/bin/bash", "-c"],
    "OnBuild": null,
    "Healthcheck": {"Test": ["CMD-SHELL", "redis-cli ping"], "Interval": 5000000000, "Timeout": 1000000000,
                    "StartPeriod": 2000000000, "StartInterval": 500000000, "Retries": 3}
  },
  "container_config": {"Cmd": ["ignored"]},
  "rootfs": {"type": "layers", "diff_ids": ["sha256:a", "sha256:b"]},
  "history": [{"created": "2024-05-01T10:20:30Z", "created_by": "ADD x", "empty_layer": true}]
})";

} // namespace

TEST_CASE("A Docker configuration is read whole", "[image][config]") {
    const ImageConfig config = ImageConfig::parse(docker_config, "test");
    CHECK(config.platform.text() == "linux/arm64/v8");
    CHECK(config.env == std::vector<std::string>{"PATH=/bin", "A=b=c"});
    CHECK(config.entrypoint == std::vector<std::string>{"docker-entrypoint.sh"});
    CHECK(config.cmd == std::vector<std::string>{"redis-server"});
    CHECK(config.user == "redis");
    CHECK(config.working_dir == "/data");
    CHECK(config.exposed_ports == std::set<std::string>{"6379/tcp"});
    CHECK(config.volumes == std::set<std::string>{"/data"});
    CHECK(config.labels.at("k") == "v");
    CHECK(config.stop_signal == "SIGINT");
    CHECK(config.shell.size() == 2);
    CHECK(config.on_build.empty());
    REQUIRE(config.healthcheck);
    CHECK(config.healthcheck->test.at(1) == "redis-cli ping");
    CHECK(config.healthcheck->interval == 5s);
    CHECK(config.healthcheck->start_interval == 500ms);
    CHECK(config.healthcheck->retries == 3);
    CHECK(config.diff_ids.size() == 2);
    REQUIRE(config.history.size() == 1);
    CHECK(config.history[0].empty_layer);
    CHECK(ImageConfig::parse(config.json(), "again") == config);
}

TEST_CASE("Null and missing mean not set", "[image][config]") {
    const auto config = ImageConfig::parse(
        R"({"os":"linux","config":{"Cmd":null,"Env":null,"Healthcheck":{"Test":null,"Interval":0}},"rootfs":{"diff_ids":null}})",
        "test");
    CHECK_FALSE(config.cmd);
    CHECK_FALSE(config.entrypoint);
    CHECK(config.env.empty());
    REQUIRE(config.healthcheck);
    CHECK_FALSE(config.healthcheck->interval);
    CHECK_FALSE(config.created);
}

TEST_CASE("What is no image configuration is refused by name", "[image][config]") {
    for (const char *text : {"", "[]", "{}", "null", R"({"rootfs": 1})", R"({"rootfs":{"diff_ids":[1]}})",
                             R"({"rootfs":{},"config":{"Env":[{}]}})"}) {
        CAPTURE(text);
        CHECK_THROWS_WITH(ImageConfig::parse(text, "the test"), Catch::Contains("the test"));
    }
}
