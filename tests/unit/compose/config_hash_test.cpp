#include "unit/compose/loading.hpp"

#include <catch2/catch.hpp>

using compose::test::load_text;

namespace {

std::string hash(const std::string &attributes) {
    const std::string text = "services:\n  web: {" + attributes + "}\n  db: {image: y}\nvolumes: {data: }\n";
    return load_text(text).project.services.at("web").config_hash;
}

} // namespace

TEST_CASE("a service's hash stays what it is from one release to the next") {
    CHECK(hash("image: x, environment: [A=1], ports: [\"80:80\"]")
          == "681f2301e34b352f1e70c66426ef8cbdbcf9a16f242834a5faee66fb40b3852c");
}

TEST_CASE("two ways to write the same service have one hash") {
    const std::string one = hash("image: x, environment: [B=2, A=1], volumes: [\"data:/d\"], mem_limit: 1g");
    CHECK(hash("mem_limit: 1024m, volumes: [{type: volume, source: data, target: /d/, volume: {}}], "
               "environment: {A: "
               "1, B: \"2\"}, image: x, privileged: false, x-own: 1")
          == one);
}

TEST_CASE("what does not need another container does not change the hash") {
    const std::string one = hash("image: x");
    CHECK(hash("image: x, depends_on: [db]") == one);
    CHECK(hash("image: x, scale: 3") == one);
    CHECK(hash("image: x, deploy: {replicas: 3}") == one);
    CHECK(hash("image: x, pull_policy: always") == one);
    CHECK(hash("image: x, build: .") == one);
}

TEST_CASE("what needs another container changes the hash") {
    const std::string one = hash("image: x");
    CHECK(hash("image: y") != one);
    CHECK(hash("image: x, environment: [A=]") != one);
    CHECK(hash("image: x, command: []") != one);
    CHECK(hash("image: x, labels: [a]") != one);
}
