#include "compose/common_yaml.hpp"
#include "unit/compose/same_tree.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace compose;
using test::source;

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path &path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

bool is_common(const std::string &text) {
    Diagnostics diagnostics;
    return parse_common_yaml(source(text), diagnostics).has_value();
}

// The tree of both readers is the same.
void compare(const std::string &text) {
    const auto file = source(text);
    Diagnostics diagnostics;
    const auto common = parse_common_yaml(file, diagnostics);
    REQUIRE(common);
    const std::vector<Node> any = parse_any_yaml(file, diagnostics);
    CHECK(diagnostics.all().empty());
    REQUIRE(any.size() == 1);
    CHECK(test::same_tree(*common, any.front()));
}

} // namespace

TEST_CASE("the common forms are read as yaml-cpp reads them") {
    for (const char *text :
         {"a: b\n", "a: b", "a:\n", "# c\n\na: # c\n  b: c # d\n\n# e\nf: ~\n",
          "a:\n- b\n- c: d\n  e: f\nh: i\n",
          "a:\n  - b\n  -   c: d\n      e:\n      - f\n  - \"g: h\"\n  - 80:80\n",
          "a: [b, \"c\", 'd', -1, {e: f}]\n", "a: {}\nb: []\nc: [ ]\n",
          "a: http://x:1/?q#f\n'b c': d\n\"e\": null\n", "a: &x\n  b: c\nd: *x\ne: {<<: *x}\n",
          "a: &x b\nc: [*x, &y z, *y]\nd: &e {f: g}\n", "a: &x\n- b\nc: *x\n",
          "a: [\"\xc3\xa4\", \xc3\xa4]\nb: \xe2\x82\xac x\n", "a:\n  b:\n    c:\nd: --x -y\ne: .5\n",
          "<<: {a: b}\n"}) {
        INFO(text);
        compare(text);
    }
}

TEST_CASE("what is not common, wrong or even suspicious is left to yaml-cpp") {
    for (const char *text : {"",
                             "# c\n",
                             "---\na: b\n",
                             "a: b\n---\nc: d\n",
                             "  a: b\n",
                             "- a\n",
                             "a\n",
                             "a: |\n  b\n",
                             "a: >\n  b\n",
                             "a: b\n  c\n",
                             "a:\n  b\n",
                             "a: \"b\n  c\"\n",
                             "a: \"b\\n\"\n",
                             "a: 'b''c'\n",
                             "a: [b,\n  c]\n",
                             "a: [b: c]\n",
                             "a: {b}\n",
                             "a: [b, ]\n",
                             "a: !reset []\n",
                             "a: !!str 1\n",
                             "? a\n: b\n",
                             "a: b: c\n",
                             "a: [b] c\n",
                             "a: 'b' c\n",
                             "a: *x\n",
                             "a: &x *x\n",
                             "a:\tb\n",
                             "a: b\r\n",
                             "a: 1\na: 2\n",
                             "1: a\n",
                             "a:\n    b: c\n  d: e\n",
                             "a: [b\n",
                             "a: @b\n",
                             "a: `b`\n",
                             "a: %b\n",
                             "a: - b\n",
                             "a:\n  - - b\n",
                             "a:",
                             "a: {b: }\n",
                             "%YAML 1.2\na: b\n"}) {
        INFO(text);
        CHECK_FALSE(is_common(text));
    }
}

TEST_CASE("most files are common, and those are read as yaml-cpp reads them") {
    const fs::path tests = fs::path(COMPOSE_TEST_DATA) / "../../";
    std::size_t files = 0;
    std::size_t common = 0;
    for (const fs::path &directory : {tests / "conformance/cases", fs::path(COMPOSE_TEST_DATA)})
        for (const auto &entry : fs::recursive_directory_iterator(directory)) {
            if (entry.path().extension() != ".yaml")
                continue;
            const std::string text = content(entry.path());
            ++files;
            if (!is_common(text))
                continue;
            ++common;
            INFO(entry.path().string());
            compare(text);
        }
    CHECK(common * 2 > files);
}
