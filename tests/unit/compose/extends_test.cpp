#include "unit/compose/written_project.hpp"

#include <catch2/catch.hpp>

using namespace compose;

namespace {

struct Files : test::WrittenProject {
    Files() : WrittenProject("TAG", "1.25") {}

    [[nodiscard]] std::string service(const std::string &name) const { return at("services." + name); }
};

} // namespace

TEST_CASE("a service takes what it does not say from the service of its file that it extends") {
    const Files project;
    project.write("compose.yaml", R"(
services:
  base:
    image: nginx:${TAG}
    environment: {A: base, B: base}
    cap_add: [NET_ADMIN]
    command: [serve]
  short:
    extends: base
    environment: [B=short, C=short]
    cap_add: [SYS_TIME]
  long:
    extends: {service: short}
    command: [other]
)");
    CHECK(project.service("short")
          == "{cap_add: [NET_ADMIN, SYS_TIME], command: [serve], environment: {A: base, B: short, C: short}, "
             "image: nginx:1.25}");
    CHECK(project.service("long")
          == "{cap_add: [NET_ADMIN, SYS_TIME], command: [other], environment: {A: base, B: short, C: short}, "
             "image: nginx:1.25}");
    CHECK(project.service("base")
          == "{cap_add: [NET_ADMIN], command: [serve], environment: {A: base, B: base}, image: nginx:1.25}");
}

TEST_CASE("paths of an extended service begin at the directory of its file") {
    const Files project;
    project.write("compose.yaml", R"(
services:
  web:
    extends: {file: common/base.yaml, service: web}
    volumes: [./own:/own]
volumes: {named: }
)");
    project.write("common/base.yaml", R"(
services:
  web:
    extends: {file: deep/root.yaml, service: root}
    volumes: ["./data:/data", "named:/named", "~/home:/home"]
    env_file: [web.env]
)");
    project.write("common/deep/root.yaml", R"(
services:
  root:
    image: nginx
    build: {context: ../src, additional_contexts: {one: ./one, two: "docker-image://alpine"}}
    volumes: [./deep:/deep]
)");
    project.write("common/web.env", "A=1\n");
    const std::string text = project.service("web");
    CHECK_THAT(text, Catch::Contains("source: ROOT/own"));
    CHECK_THAT(text, Catch::Contains("source: ROOT/common/data"));
    CHECK_THAT(text, Catch::Contains("source: ROOT/common/deep/deep"));
    CHECK_THAT(text, Catch::Contains("source: /home/user/home"));
    CHECK_THAT(text, Catch::Contains("source: named"));
    CHECK_THAT(text, Catch::Contains("context: ROOT/common/src"));
    CHECK_THAT(text, Catch::Contains("one: ROOT/common/deep/one, two: docker-image://alpine"));
    CHECK_THAT(text, Catch::Contains("environment: {A: \"1\"}"));
}

TEST_CASE("without path resolution the paths of an extended service are relative to the project") {
    Files project;
    project.options.no_path_resolution = true;
    project.write("compose.yaml", "services: {web: {extends: {file: common/base.yaml, service: web}}}");
    project.write("common/base.yaml", "services: {web: {image: x, volumes: ['./data:/data', '../up:/up']}}");
    const std::string text = project.service("web");
    CHECK_THAT(text, Catch::Contains("source: common/data"));
    CHECK_THAT(text, Catch::Contains("source: up"));
}

TEST_CASE("everything is inherited, also what names other services") {
    const Files project;
    project.write("compose.yaml", R"(
services:
  db: {image: x}
  web: {extends: {file: base.yaml, service: web}}
)");
    project.write("base.yaml", R"(
services:
  web: {image: x, depends_on: [db], links: [db], profiles: [], network_mode: "service:db"}
)");
    CHECK(project.service("web")
          == "{depends_on: {db: {condition: service_started, required: true}}, image: x, links: [db], "
             "network_mode: service:db}");
}

TEST_CASE("only the services that are extended are looked at in another file") {
    const Files project;
    project.write("compose.yaml", "services: {web: {extends: {file: base.yaml, service: web}}}");
    project.write("base.yaml", R"(
include: [nowhere.yaml]
networks: {n: {driver: strange}}
services:
  web: {image: x}
  other: {imagee: "${MISSING:?}", extends: {file: nowhere.yaml, service: x}}
)");
    CHECK(project.service("web") == "{image: x}");
}

TEST_CASE("a file of several documents is extended as if they were merged") {
    const Files project;
    project.write("compose.yaml", "services: {web: {extends: {file: base.yaml, service: web}}}");
    project.write("base.yaml", "services: {web: {image: x, expose: ['1']}}\n---\n"
                               "services: {web: {image: y, expose: ['2']}}\n");
    CHECK(project.service("web") == "{expose: [\"1\", \"2\"], image: y}");
}

TEST_CASE("tags act on the extended service and on the files before") {
    Files project;
    project.options.files = {"one.yaml", "two.yaml"};
    project.write("one.yaml", R"(
services:
  web: {image: x, expose: ["1"], dns: [1.1.1.1], cap_add: [CHOWN], environment: {K: one}, hostname: h}
)");
    project.write("two.yaml", R"(
services:
  base: {image: x, expose: ["2"], dns: [2.2.2.2], cap_add: [FOWNER], environment: {K: base, L: base}}
  web:
    extends: base
    expose: !override ["3"]
    dns: !reset []
    environment: {K: !reset null}
    cap_add: [KILL]
)");
    CHECK(project.service("web")
          == "{cap_add: [CHOWN, FOWNER, KILL], environment: {L: base}, expose: [\"3\"], hostname: h, image: "
             "x}");
}

TEST_CASE("tags of the extended service do not reach the files before") {
    Files project;
    project.options.files = {"one.yaml", "two.yaml"};
    project.write("one.yaml", R"(services: {web: {image: x, expose: ["1"]}})");
    project.write("two.yaml", R"(
services:
  root: {image: x, expose: ["9"]}
  base: {extends: root, expose: !override ["2"]}
  web: {extends: base}
)");
    CHECK(project.service("web") == "{expose: [\"1\", \"2\"], image: x}");
    CHECK(project.service("base") == "{expose: [\"2\"], image: x}");
}

TEST_CASE("a service that replaces its earlier definition still extends") {
    Files project;
    project.options.files = {"one.yaml", "two.yaml"};
    project.write("one.yaml", "services: {web: {image: x, hostname: h}}");
    project.write("two.yaml", R"(
services:
  base: {image: y, cap_add: [CHOWN]}
  web: !override {extends: base, cap_add: [FOWNER]}
)");
    CHECK(project.service("web") == "{cap_add: [CHOWN, FOWNER], image: y}");
}

TEST_CASE("what another project's file extends keeps its variables, and the project's environment counts") {
    const Files project;
    project.write("compose.yaml", "services: {web: {extends: {file: base/base.yaml, service: web}}}");
    project.write("base/base.yaml",
                  "services: {web: {image: 'nginx:${TAG:-none}', hostname: '${NAME:-none}'}}");
    project.write("base/.env", "NAME=from-base\nTAG=base\n");
    CHECK(project.service("web") == "{hostname: none, image: nginx:1.25}");
}

TEST_CASE("a chain of services that would never end in time or memory is refused") {
    const Files project;
    std::string text = "services:\n  s0: {image: x}\n";
    for (int index = 1; index <= 300; ++index)
        text += "  s" + std::to_string(index) + ": {extends: s" + std::to_string(index - 1) + "}\n";
    project.write("compose.yaml", text);
    // In order each finds its base done.
    CHECK(project.service("s300") == "{image: x}");

    text = "services:\n";
    for (int index = 300; index > 0; --index)
        text += "  s" + std::to_string(index) + ": {extends: s" + std::to_string(index - 1) + "}\n";
    project.write("compose.yaml", text + "  s0: {image: x}\n");
    CHECK_THROWS_WITH(project.service("s300"), Catch::Contains("more than 100 services extend each other"));

    text = "services:\n  s0: {image: x}\n";
    for (int index = 1; index <= 3000; ++index) {
        const std::string number = std::to_string(index);
        text += "  s" + number + ": {extends: s" + std::to_string(index - 1) + ", dns: [d" + number + "]}\n";
    }
    project.write("compose.yaml", text);
    CHECK_THROWS_WITH(project.service("s0"),
                      Catch::Contains("make more than 1000000 values") && !Catch::Contains("add image:"));
}
