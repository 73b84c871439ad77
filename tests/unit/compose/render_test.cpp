#include "compose/natural_order.hpp"
#include "compose/render.hpp"
#include "compose/yaml_scalar.hpp"
#include "unit/compose/loading.hpp"

#include <catch2/catch.hpp>

using namespace compose;

namespace {

std::string written(std::string_view text) {
    return write_scalar(text, scalar_style(text, false), 2);
}

} // namespace

TEST_CASE("a string is quoted only where it must be") {
    CHECK(written("plain text") == "plain text");
    CHECK(written("a:b") == "a:b");
    CHECK(written("-x") == "-x");
    CHECK(written("a: b") == "'a: b'");
    CHECK(written("it's") == "it's");
    CHECK(written("'x'") == "'''x'''");
    CHECK(written("") == "\"\"");
    for (const char *other : {"true", "yes", "Off", "null", "~", "1", "1.5", "1e3", "0x1F", "017", "12:30",
                              "2001-01-01", "1_000", ".inf", "-0"})
        CHECK(written(other) == "\"" + std::string(other) + "\"");
    for (const char *same : {"1e", "0.0.0.0", "a ~", "1_a", "12:99", "truey"})
        CHECK(written(same) == same);
}

TEST_CASE("lines become a literal block unless a space ends one") {
    CHECK(written("a\nb") == "|-\n  a\n  b");
    CHECK(written("a\n\nb\n") == "|\n  a\n\n  b");
    CHECK(written("a\n\n") == "|+\n  a\n");
    CHECK(written(" a\nb") == "|2-\n   a\n  b");
    CHECK(written("a \nb") == "\"a \\nb\"");
    CHECK(written("a\tb") == "\"a\\tb\"");
    CHECK(written("\xF0\x9F\x98\x80") == "\"\\U0001F600\"");
}

TEST_CASE("keys are in natural order") {
    CHECK(natural_less("a2", "a10"));
    CHECK_FALSE(natural_less("a10", "a2"));
    CHECK(natural_less("a", "ab"));
    CHECK(natural_less("A", "a"));
    CHECK(natural_less("a01", "a1") != natural_less("a1", "a01"));
    CHECK(natural_less("a-b", "ab"));
    CHECK_FALSE(natural_less("same", "same"));
}

TEST_CASE("JSON has Docker Compose's order, nulls and escapes") {
    const auto loaded =
        test::load_text("services: {web: {image: x, command: [\"a<b\", \"$$x\"], cpus: 0.10}}");
    CHECK(render_json(loaded.canonical) == R"({
  "name": "demo",
  "networks": {
    "default": {
      "name": "demo_default",
      "ipam": {}
    }
  },
  "services": {
    "web": {
      "cpus": 0.1,
      "command": [
        "a\u003cb",
        "$$x"
      ],
      "entrypoint": null,
      "image": "x",
      "networks": {
        "default": null
      }
    }
  }
})");
}

TEST_CASE("the lists that config prints are in a fixed order") {
    const Loaded loaded = test::load_text("services:\n  a: {image: x, depends_on: [c]}\n  b: {image: y}\n"
                                          "  c: {image: z, volumes: [\"v:/v\"]}\nvolumes: {v: }\n");
    const Project &project = loaded.project;
    CHECK(list_services(project) == std::vector<std::string>{"c", "a", "b"});
    CHECK(list_images(project, {"a", "c"}) == std::vector<std::string>{"x", "z"});
    CHECK(list_elements(loaded.canonical, "volumes") == std::vector<std::string>{"v"});
    CHECK(list_elements(loaded.canonical, "networks") == std::vector<std::string>{"default"});
    CHECK(list_hashes(project, "b").at(0) == "b " + project.services.at("b").config_hash);
    CHECK_THROWS_WITH(list_hashes(project, "bb"), "no such service: bb");
    CHECK(list_environment(project).front() == "COMPOSE_PROJECT_NAME=demo");
}
