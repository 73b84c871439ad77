#include "base/error.hpp"
#include "base/file.hpp"
#include "engine/build/ignore_rules.hpp"
#include "engine/build/slash_path.hpp"
#include "unit/build/parsing.hpp"
#include "unit/image/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace build;

namespace {

bool matched(std::string_view pattern, std::string_view path,
             PathPattern::Dialect dialect = PathPattern::Dialect::ignore) {
    return PathPattern(pattern, dialect).matches(path);
}

IgnoreRules rules(std::string text) {
    base::Diagnostics diagnostics;
    IgnoreRules result(std::make_shared<base::Source>(base::Source{".dockerignore", std::move(text)}),
                       diagnostics);
    CHECK(diagnostics.all().empty());
    return result;
}

std::vector<std::string> errors(std::string text) {
    base::Diagnostics diagnostics;
    const IgnoreRules result(std::make_shared<base::Source>(base::Source{".dockerignore", std::move(text)}),
                             diagnostics);
    return test::shown(diagnostics, base::Severity::error);
}

} // namespace

TEST_CASE("paths are cleaned as Go does") {
    CHECK(clean_path("") == ".");
    CHECK(clean_path("a//b/./c/..") == "a/b");
    CHECK(clean_path("../a/../..") == "../..");
    CHECK(clean_path("/../a/") == "/a");
    CHECK(clean_path("/") == "/");
    CHECK(resolve_path("/a", "b/../c") == "/a/c");
    CHECK(resolve_path("/a", "/b") == "/b");
}

TEST_CASE("stars and question marks stop at a slash") {
    CHECK(matched("*.go", "a.go"));
    CHECK_FALSE(matched("*.go", "a/b.go"));
    CHECK(matched("a/*/c", "a/b/c"));
    CHECK_FALSE(matched("a/*/c", "a/c"));
    CHECK_FALSE(matched("a?b", "a/b"));
    CHECK(matched("a?b", "aüb"));
    CHECK(matched("a*b*c", "a_b_b_c"));
    CHECK_FALSE(matched("a", "ab"));
}

TEST_CASE("two stars are any number of directories") {
    CHECK(matched("**", "a/b"));
    CHECK(matched("**/", "a/b"));
    CHECK(matched("a/**", "a/b/c"));
    CHECK_FALSE(matched("a/**", "a"));
    CHECK(matched("**/a", "a"));
    CHECK(matched("**/a", "x/y/a"));
    CHECK_FALSE(matched("**/a", "xa"));
    CHECK(matched("**/*.txt", "x/y/a.txt"));
    CHECK(matched("a/**/b", "a/b"));
    CHECK(matched("a/**/b", "a/x/y/b"));
    CHECK_FALSE(matched("a/**/b", "ab"));
    CHECK(matched("**a", "x/a"));
    CHECK_FALSE(matched("**a", "xa"));
    CHECK(matched("a**/**/b", "ax/y/b"));
    CHECK_FALSE(matched("**", "a/b", PathPattern::Dialect::match));
}

TEST_CASE("classes and escapes are those of Go") {
    CHECK(matched("[a-c]x", "bx"));
    CHECK_FALSE(matched("[a-c]x", "dx"));
    CHECK(matched("[^a]x", "bx"));
    CHECK_FALSE(matched("[^a]x", "ax"));
    CHECK(matched("[!a]x", "!x"));
    CHECK(matched("arr[[]0].txt", "arr[0].txt"));
    CHECK(matched("[\\]]", "]"));
    CHECK(matched("\\*", "*"));
    CHECK_FALSE(matched("\\*", "a"));
    CHECK(matched("a.b+(c)$", "a.b+(c)$"));
    CHECK_FALSE(matched("a.b", "axb"));
    for (const char *bad : {"[", "[]", "[]a]", "[a", "[a-", "[a-]", "[-a]", "[^]", "\\", "[\\"})
        CHECK_THROWS_AS(PathPattern(bad, PathPattern::Dialect::match), base::Error);
}

TEST_CASE("what is below an ignored directory is ignored") {
    const IgnoreRules ignore = rules("node_modules\n/build/\n./tmp/../out\n");
    CHECK(ignore.ignores("node_modules"));
    CHECK(ignore.ignores("node_modules/a/b"));
    CHECK(ignore.ignores("build/x"));
    CHECK(ignore.ignores("out"));
    CHECK_FALSE(ignore.ignores("tmp"));
    CHECK_FALSE(ignore.ignores("src/node_modules"));
}

TEST_CASE("the last rule that matches decides") {
    const IgnoreRules ignore = rules("*.md\n!README*.md\nREADME-secret.md\n");
    CHECK(ignore.ignores("a.md"));
    CHECK_FALSE(ignore.ignores("README.md"));
    CHECK(ignore.ignores("README-secret.md"));
    CHECK_FALSE(rules("*.md\nREADME-secret.md\n!README*.md\n").ignores("README-secret.md"));
    const IgnoreRules all = rules("*\n!src\n! docs/**/*.txt\n");
    CHECK(all.ignores("a"));
    CHECK_FALSE(all.ignores("src/a/b"));
    CHECK_FALSE(all.ignores("docs/a/b.txt"));
    CHECK(all.ignores("docs/a/b.md"));
}

TEST_CASE("a directory is passed over only when nothing below it comes back") {
    const IgnoreRules ignore = rules("*\n!src/keep\n!*/x.txt\n");
    CHECK_FALSE(ignore.ignores_all_below("src"));
    CHECK_FALSE(ignore.ignores_all_below("a"));
    CHECK(ignore.ignores_all_below("a/b"));
    CHECK_FALSE(ignore.ignores_all_below("src/keep"));
    CHECK(rules("a\n").ignores_all_below("a"));
    CHECK_FALSE(rules("a\n!**/b\n").ignores_all_below("a"));
}

TEST_CASE("comments, blank lines, spaces and a byte order mark are no patterns") {
    const IgnoreRules ignore = rules("\xef\xbb\xbf# a\n\n  b  \r\n\t\n");
    CHECK_FALSE(ignore.ignores("a"));
    CHECK(ignore.ignores("b"));
    CHECK(rules(" #c\n").ignores("#c"));
    CHECK(rules("").empty());
}

TEST_CASE("wrong patterns are errors with their line") {
    CHECK(errors("a\n[\n!\n")
          == std::vector<std::string>{"2:1 the pattern \"[\" has no \"]\" for its \"[\"",
                                      "3:1 there is no pattern after \"!\""});
}

TEST_CASE("a Dockerfile's own rules come before those of its context") {
    const image::test::TemporaryDirectory directory;
    const auto read = [&] {
        base::Diagnostics diagnostics;
        return IgnoreRules::read(directory.path(), directory.path() / "docker/web.Dockerfile", diagnostics);
    };
    CHECK(read().empty());
    base::write_file_atomic(directory.path() / ".dockerignore", "a\n");
    CHECK(read().ignores("a"));
    base::make_dirs(directory.path() / "docker");
    base::write_file_atomic(directory.path() / "docker/web.Dockerfile.dockerignore", "b\n");
    CHECK(read().ignores("b"));
    CHECK_FALSE(read().ignores("a"));
}
