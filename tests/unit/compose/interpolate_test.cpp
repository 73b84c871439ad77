#include "compose/interpolate.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace compose;
using test::flow;
using test::parse;
using test::summary;

namespace {

const std::map<std::string, std::string> environment{{"DB_HOST", "db"}, {"N", "3"}, {"T", "true"}};

} // namespace

TEST_CASE("values are interpolated and keys are not") {
    Diagnostics diagnostics;
    ExpansionBudget budget;
    Interpolator interpolator(environment, diagnostics, budget);
    Node node = parse("a:\n  $N: $N\n  list: [\"${DB_HOST}:1\"]\n  t: ${T}\n  plain: 4\n");
    interpolator.interpolate(node);
    CHECK(flow(node) == "{a: {$N: \"3\", list: [db:1], t: \"true\", plain: 4}}");
    CHECK(diagnostics.all().empty());
}

TEST_CASE("an unset variable is reported once, where it is, with the nearest name") {
    Diagnostics diagnostics;
    ExpansionBudget budget;
    Interpolator interpolator(environment, diagnostics, budget);
    Node first = parse("a: \"x $DB_HOTS\"\nb: $DB_HOTS\n");
    Node second = parse("c: $DB_HOTS\n");
    interpolator.interpolate(first);
    interpolator.interpolate(second);
    CHECK(summary(diagnostics)
          == "1:7 warning: the \"DB_HOTS\" variable is not set, defaulting to a blank string");
    CHECK_THAT(diagnostics.all().front().hint, Catch::Contains("did you mean \"DB_HOST\"?"));
    CHECK_THAT(diagnostics.all().front().hint, Catch::Contains("$$DB_HOTS"));
    CHECK(flow(first) == "{a: x , b: \"\"}");
}

TEST_CASE("a password hash is shown as it must be written") {
    Diagnostics diagnostics;
    ExpansionBudget budget;
    Interpolator interpolator(environment, diagnostics, budget);
    Node node = parse("pw: $2y$10$abcdef\n");
    interpolator.interpolate(node);
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all().front().hint == "if the dollars are part of the value, write $$2y$$10$$abcdef");
}

TEST_CASE("problems are placed inside quoted, folded and block scalars") {
    Diagnostics diagnostics;
    ExpansionBudget budget;
    Interpolator interpolator(environment, diagnostics, budget);
    Node node = parse("a: '$$ ${A?x}'\nb: |\n  one\n  two ${B?}\nc: plain\n  more ${C?}\nd: &x ${D!}\n");
    interpolator.interpolate(node);
    CHECK(summary(diagnostics)
          == "1:8 error: required variable A is missing a value: x\n"
             "4:7 error: required variable B is missing a value\n"
             "6:8 error: required variable C is missing a value\n"
             "7:7 error: invalid interpolation format: \"${D!}\" is not a variable");
}

TEST_CASE("a required variable that is set but empty is told from one that is missing") {
    const std::map<std::string, std::string> empty{{"IMAGE", ""}};
    Diagnostics diagnostics;
    ExpansionBudget budget;
    Interpolator interpolator(empty, diagnostics, budget);
    Node node = parse("a: ${IMAGE:?}\nb: ${IMAGES:?}\n");
    interpolator.interpolate(node);
    CHECK(diagnostics.all().at(0).hint == "it is set, but empty");
    CHECK(diagnostics.all().at(1).hint == "did you mean \"IMAGE\"?");
}

TEST_CASE("variables that add up to too much are told once") {
    Diagnostics diagnostics;
    ExpansionBudget budget;
    budget.left = 3;
    Interpolator interpolator(environment, diagnostics, budget);
    Node node = parse("a: $DB_HOST$DB_HOST\nb: $DB_HOST$DB_HOST\n");
    interpolator.interpolate(node);
    CHECK(summary(diagnostics) == "1:12 error: the values of variables add up to more than 32 MiB");
}

TEST_CASE("a value that could not be interpolated stays as it is written") {
    Diagnostics diagnostics;
    ExpansionBudget budget;
    Interpolator interpolator(environment, diagnostics, budget);
    Node node = parse("a: ${A?}\n");
    interpolator.interpolate(node);
    CHECK(flow(node) == "{a: ${A?}}");
}
