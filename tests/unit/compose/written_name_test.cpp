#include "compose/written_name.hpp"

#include <catch2/catch.hpp>

using compose::written_name;

TEST_CASE("a name is read from the lines of a file that is no YAML") {
    CHECK(written_name("name: shop\nservices: [\n") == "shop");
    CHECK(written_name("services:\n  a: {image: [}\nname: \"shop\" # ours\n") == "shop");
    CHECK(written_name("---\r\n# first\r\nname: 'shop'\r\nservices:\r\n\tx\r\n") == "shop");
}

TEST_CASE("a file without a name at the beginning of a line has none") {
    CHECK(written_name("services:\n  a:\n    name: x\n    image: [\n").value() == "");
    CHECK(written_name("services: [\n").value() == "");
    CHECK(written_name("").value() == "");
}

TEST_CASE("what may be a name, or what is left of one, is not guessed at") {
    for (const char *text :
         {"name: a\nname: b\n", "name: ${NAME}\n", "name: a: b\n", "name: \"a\n", "name:\n  a\n",
          "name a\nservices: {}\n", "name:a\n", "\"name\": a\n", "{name: a, services: [}\n",
          "  name: a\n  services: {\n", "<<: *base\nservices: [\n", "? name\n: a\n", "services: {\n}\n",
          "services:\n- name: a\n", "name: a b\n", "name: a#b\n"})
        CHECK(written_name(text) == std::nullopt);
}
