#include "compose/diagnostic.hpp"
#include "compose/read_source.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

using namespace compose;
using test::source;
using test::summary;

TEST_CASE("a diagnostic shows the place, the line, a caret, notes and the hint") {
    const auto text = source("a: 1\nservices:\n\twéb: 字 x\n");
    Diagnostic diagnostic;
    diagnostic.location = {text, 3, 12};
    diagnostic.path = "services.web";
    diagnostic.message = "it is wrong";
    diagnostic.hint = "do this";
    diagnostic.notes.push_back({{text, 1, 1}, "see here"});
    CHECK(render(diagnostic, false)
          == "compose.yaml:3:12: error: it is wrong\n"
             "   3 | \twéb: 字 x\n"
             "     | \t        ^\n"
             "compose.yaml:1:1: note: see here\n"
             "   1 | a: 1\n"
             "     | ^\n"
             "hint: do this\n");
    CHECK_THAT(render(diagnostic, true), Catch::Contains("\x1b[1;31merror:\x1b[0m it is wrong"));
}

TEST_CASE("a diagnostic without a place names the path instead") {
    Diagnostic diagnostic;
    diagnostic.severity = Severity::warning;
    diagnostic.path = "services.web";
    diagnostic.message = "it is odd";
    CHECK(render(diagnostic, false) == "warning: services.web: it is odd\n");
    diagnostic.location = {source("x"), 0, 0};
    CHECK(render(diagnostic, false) == "compose.yaml: warning: it is odd\n");
}

TEST_CASE("long lines are cut and control characters do not reach the terminal") {
    Diagnostic diagnostic;
    diagnostic.location = {source(std::string(500, 'a') + "\x1b[31m" + std::string(500, 'b')), 1, 501};
    const std::string text = render(diagnostic, false);
    CHECK(text.size() < 400);
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK_THAT(text, Catch::Contains("aaa?[31mbbb"));
    CHECK_THAT(text, Catch::Contains("...\n"));
}

TEST_CASE("diagnostics are sorted by place and shown once") {
    const auto a = source("1\n2\n3\n", "a.yaml");
    const auto b = source("1\n2\n3\n", "b.yaml");
    Diagnostics diagnostics;
    diagnostics.error({b, 1, 1}, {}, "fourth");
    diagnostics.error({a, 2, 5}, {}, "third");
    diagnostics.warning({a, 2, 1}, {}, "second");
    diagnostics.error({a, 2, 5}, {}, "third");
    diagnostics.error({}, {}, "first");
    std::string order;
    for (const Diagnostic &each : diagnostics.sorted())
        order += each.message + " ";
    CHECK(order == "first second third fourth ");
}

TEST_CASE("an error with thousands of diagnostics stays readable") {
    Diagnostics diagnostics;
    for (std::uint32_t line = 1; line <= 1000; ++line)
        diagnostics.error({source("x"), line, 1}, {}, "wrong " + std::to_string(line));
    const LoadError error(diagnostics.sorted());
    CHECK(error.diagnostics().size() == 1000);
    CHECK_THAT(std::string(error.what()), Catch::EndsWith("and 950 more"));
}

TEST_CASE("text that is not UTF-8 or not text is refused with its place") {
    const auto [text, expected] = GENERATE(table<std::string, const char *>({
        {std::string("a: 1\nb: \xff\n"), "2:4 error: the text is not UTF-8"},
        {std::string("a: \xc0\x80\n"), "1:4 error: the text is not UTF-8"},
        {std::string("a: \xed\xa0\x80\n"), "1:4 error: the text is not UTF-8"},
        {std::string("a: \xe2\x82"), "1:4 error: the text is not UTF-8"},
        {std::string("a\0b", 3), "1:2 error: the control character 0x00 cannot be in this file"},
        {std::string("a: \x1b[0m"), "1:4 error: the control character 0x1b cannot be in this file"},
    }));
    Diagnostics diagnostics;
    CHECK(check_source(text, "x", SourceKind::yaml, diagnostics) == nullptr);
    CHECK(summary(diagnostics) == expected);
}

TEST_CASE("a byte order mark is dropped and escapes may be in env files") {
    Diagnostics diagnostics;
    CHECK(check_source("\xef\xbb\xbf"
                       "a: 1",
                       "x", SourceKind::yaml, diagnostics)
              ->text
          == "a: 1");
    CHECK(check_source("A=\x1b[0m", "x", SourceKind::env_file, diagnostics) != nullptr);
    CHECK(diagnostics.all().empty());
}

TEST_CASE("files that cannot be read are named with the reason") {
    const test::TemporaryDirectory directory;
    Diagnostics diagnostics;
    CHECK(read_source(directory.path() / "none", "none", SourceKind::yaml, diagnostics) == nullptr);
    CHECK(read_source(directory.path(), "dir", SourceKind::yaml, diagnostics) == nullptr);
    const auto huge = directory.write("huge", "");
    std::filesystem::resize_file(huge, std::size_t{100} << 20);
    CHECK(read_source(huge, "huge", SourceKind::yaml, diagnostics) == nullptr);
    CHECK(read_source("/dev/zero", "zero", SourceKind::yaml, diagnostics) == nullptr);
    CHECK(summary(diagnostics)
          == "0:0 error: this is a directory, not a file\n"
             "0:0 error: the file is larger than 16 MiB\n"
             "0:0 error: cannot read this file: No such file or directory\n"
             "0:0 error: the file is larger than 16 MiB");
}

TEST_CASE("paths are shown relative where that is shorter") {
    CHECK(shown_path("/a/b/c.yaml", "/a/b") == "c.yaml");
    CHECK(shown_path("/a/b/c.yaml", "/a/b/d") == "../c.yaml");
    CHECK(shown_path("/x/c.yaml", "/a/b/d") == "/x/c.yaml");
}
