#include "compose/expand.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace compose;

namespace {

std::string expanded(const std::string &text, std::size_t limit = 1000) {
    static const std::map<std::string, std::string> values{{"A", "aval"}, {"E", ""}, {"_x1", "under"}};
    const Lookup lookup = [](const std::string &name) -> const std::string * {
        const auto found = values.find(name);
        return found == values.end() ? nullptr : &found->second;
    };
    const Expansion expansion = expand(text, lookup, limit);
    std::string result = expansion.text;
    for (const ExpansionProblem &problem : expansion.problems) {
        static const char *const kinds[] = {"unset", "required", "invalid", "too long"};
        result += std::string(" <") + kinds[static_cast<int>(problem.kind)] + " "
                  + std::to_string(problem.offset) + (problem.name.empty() ? "" : " " + problem.name)
                  + (problem.message.empty() || problem.kind == ExpansionProblem::Kind::invalid
                         ? ""
                         : " " + problem.message)
                  + ">";
    }
    return result;
}

} // namespace

// The expected values are what `docker compose config` prints.
TEST_CASE("variables expand in all forms") {
    const auto [text, expected] = GENERATE(table<const char *, const char *>({
        {"$A-b", "aval-b"},      {"${A}", "aval"},
        {"x${_x1}y", "xundery"}, {"${A-d}", "aval"},
        {"${U-d}", "d"},         {"${E-d}", ""},
        {"${E:-d}", "d"},        {"${A:+r}", "r"},
        {"${E:+r}", ""},         {"${E+r}", "r"},
        {"${U+r}", ""},          {"${A:?m}", "aval"},
        {"${E?m}", ""},          {"${U:-${E:-n}}", "n"},
        {"${U:-$A}", "aval"},    {"${U:-{\"a\":1}}", "{\"a\":1}"},
        {"${U:-a}b}", "ab}"},    {"${U:-{}}", "{}"},
        {"${U:-}}", "}"},        {"${U:-x?y}", "x?y"},
        {"{$A}", "{aval}"},      {"${A:-${U}}", "aval"},
        {"$U", " <unset 0 U>"},  {"${U}x", "x <unset 0 U>"},
    }));
    CAPTURE(text);
    CHECK(expanded(text) == expected);
}

TEST_CASE("two dollars are one and a lone one stays") {
    CHECK(expanded("$$A") == "$A");
    CHECK(expanded("$$$A") == "$aval");
    CHECK(expanded("${U:-d$$x}") == "d$x");
    CHECK(expanded("awk '{print $1}' $ x$") == "awk '{print $1}' $ x$");
    CHECK(expanded("$\xc3\xa9") == "$\xc3\xa9");
}

TEST_CASE("a missing required variable carries its message") {
    CHECK(expanded("a ${U:?need $A}") == "a  <required 2 U need aval>");
    CHECK(expanded("${U?x:-y}") == " <required 0 U x:-y>");
    CHECK(expanded("${E:?}") == " <required 0 E>");
}

TEST_CASE("what follows a brace must be a variable") {
    const char *text = GENERATE("${}", "${A", "${1A}", "${A b}", "${A:b}", "${A!}", "${a.b}", "${-x}");
    CAPTURE(text);
    CHECK_THAT(expanded(text), Catch::Contains("<invalid 0>"));
}

TEST_CASE("problems inside a default are placed there") {
    CHECK(expanded("x${U:-$V}") == "x <unset 6 V>");
}

TEST_CASE("neither nesting nor repetition grows without bound") {
    std::string deep;
    for (int count = 0; count < 5000; ++count)
        deep += "${U:-";
    CHECK_THAT(expanded(deep + "x" + std::string(5000, '}')), Catch::Contains("<invalid 320>"));
    std::string wide;
    for (int count = 0; count < 500; ++count)
        wide += "$A";
    CHECK_THAT(expanded(wide), Catch::Contains("<too long 500>"));
}

TEST_CASE("escaping doubles every dollar") {
    CHECK(escape_dollars("$2y$10$ab") == "$$2y$$10$$ab");
}

TEST_CASE("the variables of a text are listed with what stands in for them, nested ones too") {
    const auto shown = [](const std::string &text) {
        std::string all;
        for (const VariableUse &use : variables_in(text))
            all += use.name + (use.required ? "!" : "") + "(" + use.default_value + "|" + use.presence_value
                   + ")";
        return all;
    };
    CHECK(shown("$A and ${B}") == "A(|)B(|)");
    CHECK(shown("${A:-x}${B-y}${C:+z}${D:?no}") == "A(x|)B(y|)C(|z)D!(|)");
    CHECK(shown("${A:-${B:-c}}") == "A(${B:-c}|)B(c|)");
    CHECK(shown("${A:?${B}}") == "A!(|)B(|)");
    CHECK(shown("$$A ${} ${1} $ ${A") == "");
}
