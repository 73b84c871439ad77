#include "unit/compose/written_project.hpp"

#include <catch2/catch.hpp>

using namespace compose;
using test::flow;

namespace {

struct Files : test::WrittenProject {
    Files() : WrittenProject("OUTER", "shell") {}
};

} // namespace

TEST_CASE("the resources of an included file join those of the project") {
    Files project;
    project.write("compose.yaml", R"(
include: [sub/compose.yaml]
services:
  web: {image: nginx, depends_on: [db], networks: [back], volumes: ["data:/data"], secrets: [s], configs: [c]}
)");
    project.write("sub/compose.yaml", R"(
name: other
x-mine: {a: 1}
services:
  db: {image: postgres}
networks: {back: {internal: true}}
volumes: {data: {labels: [a=b]}}
secrets: {s: {file: ./s.txt}}
configs: {c: {file: ./c.txt}}
)");
    CHECK(project.at("services.db") == "{image: postgres}");
    CHECK(project.at("networks.back") == "{internal: true}");
    CHECK(project.at("volumes.data") == "{labels: {a: b}}");
    CHECK(project.at("secrets.s") == "{file: ROOT/sub/s.txt}");
    CHECK(project.at("configs.c") == "{file: ROOT/sub/c.txt}");
    CHECK(project.at("x-mine") == "none");
    CHECK(project.at("include") == "none");
    CHECK(project.loaded().project.name != "other");
}

TEST_CASE("paths of an included file begin at its directory or at project_directory") {
    Files project;
    project.write("compose.yaml", R"(
include:
  - one/compose.yaml
  - {path: two/compose.yaml, project_directory: .}
  - {path: [three/compose.yaml, one/over.yaml]}
)");
    project.write("one/compose.yaml", "services: {one: {image: x, volumes: ['./data:/data']}}");
    project.write("two/compose.yaml", "services: {two: {image: x, volumes: ['./data:/data']}}");
    project.write("three/compose.yaml", "services: {three: {image: x, build: {dockerfile: D}}}");
    project.write("one/over.yaml", "services: {three: {volumes: ['./data:/data']}}");
    CHECK_THAT(project.at("services.one.volumes"), Catch::Contains("source: ROOT/one/data"));
    CHECK_THAT(project.at("services.two.volumes"), Catch::Contains("source: ROOT/data"));
    CHECK_THAT(project.at("services.three.volumes"), Catch::Contains("source: ROOT/three/data"));
    CHECK(project.at("services.three.build.context") == "ROOT/three");
}

TEST_CASE("variables of an included file default to its env files and the project's win") {
    Files project;
    project.options.environment.erase("OUTER");
    project.write("compose.yaml", R"(
include:
  - sub/compose.yaml
  - {path: none/compose.yaml, env_file: /dev/null}
  - {path: many/compose.yaml, env_file: [a.env, sub/b.env]}
services:
  web: {image: "x:${INNER:-unset}"}
)");
    project.write(".env", "OUTER=project\n");
    project.write("sub/.env", "OUTER=sub\nINNER=${OUTER}-inner\n");
    project.write("sub/compose.yaml",
                  "services: {sub: {image: '${OUTER}:${INNER}', environment: [INNER, NOWHERE]}}");
    project.write("none/.env", "INNER=none\n");
    project.write("none/compose.yaml", "services: {none: {image: '${OUTER}:${INNER:-unset}'}}");
    project.write("a.env", "INNER=a\nLATER=a\n");
    project.write("sub/b.env", "LATER=b\n");
    project.write("many/compose.yaml", "services: {many: {image: '${INNER}:${LATER}'}}");
    CHECK(project.at("services.web.image") == "x:unset");
    CHECK(project.at("services.sub.image") == "project:project-inner");
    CHECK(project.at("services.sub.environment") == "{INNER: project-inner, NOWHERE: null}");
    CHECK(project.at("services.none.image") == "project:unset");
    CHECK(project.at("services.many.image") == "a:b");
}

TEST_CASE("a secret can come from the env file of the included file that defines it") {
    Files project;
    project.write("compose.yaml", "include: [sub/a.yaml]");
    project.write("sub/.env", "TOKEN=inner\nOUTER=inner\n");
    project.write("sub/a.yaml", R"(
services: {web: {image: x, secrets: [s], configs: [c]}}
secrets: {s: {environment: TOKEN}}
configs: {c: {environment: OUTER}}
)");
    const Project model = project.loaded().project;
    CHECK(model.secrets.at("s").content == "inner");
    CHECK(model.configs.at("c").content == "shell");
    CHECK_FALSE(model.environment.contains("TOKEN"));
}

TEST_CASE("an included file includes others, relative to itself and with its variables") {
    Files project;
    project.write("compose.yaml", "include: [a/compose.yaml]");
    project.write("a/.env", "FROM_A=a\n");
    project.write("a/compose.yaml", "include: [b/compose.yaml]\nservices: {a: {image: x, depends_on: [b]}}");
    project.write("a/b/compose.yaml", "services: {b: {image: 'x:${FROM_A}', volumes: ['./v:/v']}}");
    CHECK(project.at("services.b.image") == "x:a");
    CHECK_THAT(project.at("services.b.volumes"), Catch::Contains("source: ROOT/a/b/v"));
}

TEST_CASE("the same resource over two ways is one") {
    Files project;
    project.write("compose.yaml", "include: [a.yaml, b.yaml, base.yaml]");
    project.write("a.yaml",
                  "include: [base.yaml]\nservices: {a: {image: x, networks: [n]}}\nnetworks: {n: {}}");
    project.write("b.yaml",
                  "include: [base.yaml]\nservices: {b: {image: x, networks: [n]}}\nnetworks: {n: }");
    project.write("base.yaml", "services: {base: {image: x, expose: [1, 2]}}");
    CHECK(project.at("services.base") == "{expose: [\"1\", \"2\"], image: x}");
    CHECK(project.warnings().empty());
}

TEST_CASE("an own definition goes over the included one, with a warning") {
    Files project;
    project.write("compose.yaml", R"(
include: [a.yaml]
services:
  web: {image: own, expose: [2]}
networks: {n: }
)");
    project.write("a.yaml",
                  "services: {web: {image: a, expose: [1], hostname: h}}\nnetworks: {n: {internal: true}}");
    CHECK(project.warnings()
          == std::vector<std::string>{"compose.yaml:4:3: services.web is also defined by an included file"});
    CHECK(flow(*project.loaded().canonical.find("services")->find("web"))
          == "{expose: [\"1\", \"2\"], hostname: h, image: own}");

    project.write("compose.yaml", "include: [a.yaml]\nservices: {web: !override {image: own}}");
    CHECK(project.at("services.web") == "{image: own}");
    project.write("compose.yaml", "include: [a.yaml]\nservices: {web: {expose: !reset [], image: a}}");
    CHECK(flow(*project.loaded().canonical.find("services")->find("web")) == "{hostname: h, image: a}");
}

TEST_CASE("a later file of the project goes over what an earlier one includes, without a warning") {
    Files project;
    project.options.files = {"compose.yaml", "over.yaml"};
    project.write("compose.yaml", "include: [sub/a.yaml]");
    project.write("sub/a.yaml", "services: {web: {image: a, expose: [1]}, gone: {image: x}}");
    project.write("over.yaml", "services: {web: {image: own, expose: !reset []}, gone: !reset null}");
    CHECK(project.at("services.web") == "{image: own}");
    CHECK(project.at("services.gone") == "none");
}

TEST_CASE("a service extends one that is included") {
    Files project;
    project.write("compose.yaml", "include: [sub/a.yaml]\nservices: {web: {extends: base, hostname: h}}");
    project.write("sub/a.yaml", "services: {base: {image: a, volumes: ['./v:/v']}}");
    CHECK_THAT(project.at("services.web"), Catch::Contains("source: ROOT/sub/v"));
}

TEST_CASE("variables may be in the paths of an include") {
    Files project;
    project.options.environment["DIR"] = "sub";
    project.write("compose.yaml", "include: ['${DIR}/a.yaml']");
    project.write("sub/a.yaml", "services: {web: {image: a}}");
    CHECK(project.at("services.web.image") == "a");
}

TEST_CASE("an include without entries and a file: without a name say nothing") {
    Files project;
    project.write("compose.yaml", R"(
include:
services:
  base: {image: x}
  web: {extends: {service: base, file: }}
)");
    CHECK(project.at("services.web") == "{image: x}");
}

TEST_CASE("profiles of included services count as those of others") {
    Files project;
    project.write("compose.yaml", "include: [a.yaml]\nservices: {web: {image: x}}");
    project.write("a.yaml", "services: {debug: {image: x, profiles: [debug]}}");
    CHECK(project.at("services.debug") == "none");
    project.options.profiles = {"debug"};
    CHECK(project.at("services.debug.image") == "x");
}

TEST_CASE("files that multiply each other are refused in time") {
    Files project;
    project.write("compose.yaml", "include: [f0.yaml]");
    for (int index = 0; index < 40; ++index) {
        const std::string next = "f" + std::to_string(index + 1) + ".yaml";
        project.write("f" + std::to_string(index) + ".yaml", "include: [" + next + ", " + next + "]");
    }
    project.write("f40.yaml", "services: {web: {image: x}}");
    CHECK_THROWS_WITH(project.loaded(), Catch::Contains("make more than 1000000 values"));
}
