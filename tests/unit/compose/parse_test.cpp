#include "compose/parse.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

using namespace compose;
using test::flow;
using test::parse;
using test::source;
using test::summary;

namespace {

std::string errors(const std::string &text) {
    Diagnostics diagnostics;
    (void)parse_yaml(source(text), diagnostics);
    return summary(diagnostics);
}

} // namespace

TEST_CASE("values keep their text and quoted ones are strings") {
    const Node node = parse("a: 0755\nb: '0755'\nc: 1.50\nd: yes\ne: True\nf: ~\ng:\nh: \"\"\n");
    CHECK(flow(node) == "{a: 0755, b: \"0755\", c: 1.50, d: yes, e: True, f: null, g: null, h: \"\"}");
    CHECK(node.find("b")->quoted);
    CHECK(node.find("b")->kind == Kind::string);
}

TEST_CASE("every node and key knows its line and column") {
    const Node node = parse("services:\n  web:\n    ports:\n      - \"80\"\n    empty:\n\n\nlast: 1\n");
    CHECK(to_string(node.location) == "compose.yaml:1:1");
    const Node &web = *node.find("services")->find("web");
    CHECK(to_string(web.key_location("ports")) == "compose.yaml:3:5");
    CHECK(to_string(web.find("ports")->items[0].location) == "compose.yaml:4:9");
    CHECK(to_string(web.find("empty")->location) == "compose.yaml:5:5");
}

TEST_CASE("aliases are copies and << fills in what is not given") {
    CHECK(flow(parse("x: &a {A: 1, B: 2}\ny: *a\n")) == "{x: {A: 1, B: 2}, y: {A: 1, B: 2}}");
    CHECK(flow(*parse("x: &a {A: 1, B: 2}\nz:\n  <<: *a\n  B: 3\n").find("z")) == "{B: 3, A: 1}");
    CHECK(flow(*parse("x: &a {A: 1}\ny: &b {A: 2, C: 3}\nz:\n  <<: [*a, *b]\n").find("z")) == "{A: 1, C: 3}");
    CHECK(flow(*parse("x: &a {A: 1}\ny: &l [*a, {D: 4}]\nz:\n  <<: *l\n").find("z")) == "{A: 1, D: 4}");
    CHECK(flow(*parse("z: {\"<<\": 1}\n").find("z")) == "{<<: 1}");
    CHECK(errors("z:\n  <<: 3\n") == "2:7 error: \"<<\" merges a mapping or a list of mappings");
}

TEST_CASE("an anchor cannot contain itself") {
    CHECK(errors("a: &a\n  b: *a\n") == "2:6 error: this alias is inside the value it stands for");
    CHECK(errors("a: *nope\n") == "1:4 error: this alias has no anchor before it");
}

TEST_CASE("a duplicate key names both lines") {
    Diagnostics diagnostics;
    (void)parse_yaml(source("a: 1\nb: 2\na: 3\n"), diagnostics);
    CHECK(summary(diagnostics) == "3:1 error: duplicate key \"a\"");
    REQUIRE(diagnostics.all().front().notes.size() == 1);
    CHECK(to_string(diagnostics.all().front().notes.front().location) == "compose.yaml:1:1");
}

TEST_CASE("keys are strings") {
    CHECK(errors("1: a\ntrue: b\n")
          == "1:1 error: the key 1 is not a string\n2:1 error: the key true is not a string");
    CHECK(errors("? [a]\n: b\n") == "1:3 error: a key cannot be a list or a mapping");
    CHECK(errors("'1': a\non: b\n").empty());
}

TEST_CASE("tags of the merge rules are kept and others refused") {
    CHECK(flow(parse("a: !reset\nb: !reset null\nc: !override [1]\nd: !!str 5\n"))
          == "{a: !reset null, b: !reset null, c: !override [1], d: \"5\"}");
    CHECK(errors("a: !reference [x]\n") == "1:4 error: the YAML tag !reference is not supported here");
    CHECK(errors("a: !!int x\n") == "1:4 error: \"x\" is not what the tag !!int says");
}

TEST_CASE("documents come in order and empty ones do not count") {
    Diagnostics diagnostics;
    const auto documents = parse_yaml(source("---\na: 1\n---\n---\nb: 2\n...\n"), diagnostics);
    CHECK(summary(diagnostics).empty());
    REQUIRE(documents.size() == 2);
    CHECK(flow(documents[1]) == "{b: 2}");
    CHECK(parse_yaml(source("# nothing\n"), diagnostics).empty());
    CHECK(parse_yaml(source(""), diagnostics).empty());
}

TEST_CASE("the top level is a mapping") {
    CHECK(errors("- a\n") == "1:1 error: the top level of a Compose file must be a mapping");
    CHECK(errors("hello\n") == "1:1 error: the top level of a Compose file must be a mapping");
}

TEST_CASE("line ends of Windows change nothing") {
    CHECK(flow(parse("a: 1\r\nb:\r\n  - x\r\nc: |\r\n  y\r\n")) == "{a: 1, b: [x], c: y\n}");
}

TEST_CASE("syntax errors are said in words where the mistake is") {
    const auto [text, expected] = GENERATE(table<const char *, const char *>({
        {"a:\n\tb: 1\n", "2:1 error: a tab cannot indent YAML"},
        {"a:\n  b:nginx\n  c: true\n", "2:4 error: a space is missing after \":\""},
        {"a:\n  web\n    image: x\n", "2:3 error: a \":\" is missing after this key"},
        {"a:\n  b: x\n    c: 1\n", "3:5 error: this line is indented under one that already has a value"},
        {"a:\n  b: echo c: d\n", "2:12 error: a \":\" is not expected here"},
        {"a:\n    b: 1\n   c: 1\n", "3:4 error: this line does not continue the mapping above it"},
        {"a:\n  - 1\n - 2\n", "3:2 error: this line does not continue the list above it"},
        {"a: 'it's'\n", "1:8 error: nothing can follow the value on this line"},
        {"a: \"x\nb: c\n", "1:4 error: a quote is opened but never closed"},
        {"a: &x 'y\n", "1:7 error: a quote is opened but never closed"},
        {"a: [1, 2\nb: 3\n", "2:2 error: a \"]\" is missing, or a \",\" between two entries"},
        {"a: ]\n", "1:4 error: this closing bracket has no opening one"},
        {",\n", "1:1 error: a value cannot begin with this character"},
        {"---\na: b\n---\n,c: d\n", "4:1 error: a value cannot begin with this character"},
        {"a: @x\n", "1:4 error: a value cannot begin with this character"},
        {"a: - 1\n", "1:4 error: a list item is not expected here"},
        {"a: | x\n  y\n", "1:6 error: text is not expected after \"|\" or \">\""},
        {"a: \"\\q\"\n", "1:7 error: a double-quoted value has no such escape"},
    }));
    CAPTURE(text);
    CHECK(errors(text) == expected);
}

TEST_CASE("closed quotes are not taken for open ones") {
    CHECK(errors("a: \"x\\\"\"\n").empty());
    CHECK(errors("a: 'x'''\n").empty());
    CHECK(errors("a: |\n  \"x\n").empty());
    CHECK(errors("a: !!str \"x\"").empty());
}

TEST_CASE("aliases cannot multiply without bound") {
    std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n";
    for (char name = 'b'; name < 'k'; ++name) {
        const std::string alias = std::string("*") + static_cast<char>(name - 1);
        laughs += std::string(1, name) + ": &" + name + " [" + alias;
        for (int count = 0; count < 8; ++count)
            laughs += "," + alias;
        laughs += "]\n";
    }
    CHECK_THAT(errors(laughs), Catch::Contains("the file has more than 100000 values"));

    std::string heavy = "a: &a \"" + std::string(1 << 20, 'x') + "\"\nb: [*a";
    for (int count = 0; count < 100; ++count)
        heavy += ",*a";
    CHECK_THAT(errors(heavy + "]\n"), Catch::Contains("the values of this file take more than 32 MiB"));
}

TEST_CASE("nesting is bounded") {
    const char *unit = GENERATE("[", "{a: ", "- ", "? ");
    std::string text;
    for (int count = 0; count < 20000; ++count)
        text += unit;
    CHECK_THAT(errors(text), Catch::Contains("nested deeper than 64 levels"));
}
