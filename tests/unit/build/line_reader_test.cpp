#include "engine/build/line_reader.hpp"

#include <catch2/catch.hpp>

using namespace build;

namespace {

struct Read {
    explicit Read(std::string text)
        : reader(std::make_shared<base::Source>(base::Source{"Dockerfile", std::move(text)}), diagnostics) {
        while (auto line = reader.next())
            lines.push_back(std::move(*line));
    }

    [[nodiscard]] std::vector<std::string> texts() const {
        std::vector<std::string> result;
        for (const LogicalLine &line : lines)
            result.push_back(line.text);
        return result;
    }

    base::Diagnostics diagnostics;
    LineReader reader;
    std::vector<LogicalLine> lines;
};

using Texts = std::vector<std::string>;

std::string place(const LogicalLine &line, std::string_view part) {
    return base::to_string(line.at(line.text.find(part)));
}

} // namespace

TEST_CASE("comments, blank lines and indentation are no part of an instruction") {
    const Read read("\n# comment\n  # another\n\t FROM a\n\nRUN echo # not a comment\n");
    CHECK(read.texts() == Texts{"FROM a", "RUN echo # not a comment"});
    CHECK(place(read.lines[0], "FROM") == "Dockerfile:4:3");
}

TEST_CASE("a continued line goes on behind comments and blank lines") {
    const Read read("RUN a \\\n# comment\n  && b \\  \n\n\t\n && c\nRUN d\n");
    CHECK(read.texts() == Texts{"RUN a   && b  && c", "RUN d"});
    CHECK(place(read.lines[0], "b") == "Dockerfile:3:6");
    CHECK(place(read.lines[0], "c") == "Dockerfile:6:5");
    REQUIRE(read.lines[0].empty_line);
    CHECK(base::to_string(*read.lines[0].empty_line) == "Dockerfile:4:1");
    CHECK(read.lines[0].last_line == 6);
}

TEST_CASE("a word may be continued in its middle, and a doubled escape continues nothing") {
    CHECK(Read("RUN ec\\\nho\n").texts() == Texts{"RUN echo"});
    CHECK(Read("RUN a\\\\\nRUN b\n").texts() == Texts{"RUN a\\\\", "RUN b"});
    CHECK(Read("\\\nRUN a\n").texts() == Texts{"RUN a"});
    CHECK(Read("RUN a \\").texts() == Texts{"RUN a "});
}

TEST_CASE("line ends of Windows and a byte order mark are understood") {
    const Read read("\xef\xbb\xbf# escape=`\r\nRUN a `\r\n b\\\r\nRUN c\r\n");
    CHECK(read.texts() == Texts{"RUN a  b\\", "RUN c"});
    CHECK(read.reader.directives().escape == '`');
}

TEST_CASE("directives stand at the top only, in any case and with any space") {
    const Read read(
        "#syntax=docker/dockerfile:1\n#  ChEcK = skip=all;error=true  \n# escape=`\nFROM a\n# escape=x\n");
    CHECK(read.reader.directives().syntax->value == "docker/dockerfile:1");
    CHECK(read.reader.directives().check->value == "skip=all;error=true");
    CHECK(base::to_string(read.reader.directives().check->location) == "Dockerfile:2:1");
    CHECK(read.reader.directives().escape == '`');
    CHECK(read.diagnostics.all().empty());
}

TEST_CASE("what follows a comment, a blank line or an unknown directive is a comment") {
    CHECK(Read("# hello\n# escape=`\n").reader.directives().escape == '\\');
    CHECK(Read("\n# escape=`\n").reader.directives().escape == '\\');
    CHECK(Read("# unknown=1\n# escape=`\n").reader.directives().escape == '\\');
    CHECK(Read("# 1escape=`\n").diagnostics.all().empty());
}

TEST_CASE("a directive given twice and a wrong escape character are errors") {
    const Read twice("# escape=`\n# escape=`\nFROM a\n");
    REQUIRE(twice.diagnostics.all().size() == 1);
    CHECK(twice.diagnostics.all()[0].message == "the parser directive \"escape\" is given twice");
    CHECK(base::to_string(twice.diagnostics.all()[0].location) == "Dockerfile:2:1");
    const Read wrong("# escape=xy\nFROM a\n");
    REQUIRE(wrong.diagnostics.all().size() == 1);
    CHECK(wrong.diagnostics.all()[0].message == "the escape character can't be \"xy\"");
}

TEST_CASE("comments right before an instruction belong to it") {
    const Read read("FROM a\n# one\n# two\nRUN b\n# three\n#\n# four\nRUN c\n");
    CHECK(read.lines[1].comments == Texts{"one", "two"});
    CHECK(read.lines[2].comments == Texts{"four"});
}

TEST_CASE("here-documents are found by their words") {
    const auto found = heredocs_in("RUN <<A cat > f && 3<<-\"B C\" cat <<'D' \"<<E\" <<<F << G");
    REQUIRE(found.size() == 4);
    CHECK(found[0].name == "A");
    CHECK(found[0].expands);
    CHECK_FALSE(found[0].strips);
    CHECK(found[1].name == "B C");
    CHECK(found[1].strips);
    CHECK_FALSE(found[1].expands);
    CHECK(found[1].descriptor == 3);
    CHECK(found[2].name == "D");
    CHECK(found[3].name == "G");
    CHECK(heredocs_in("RUN echo $((1<<2))").empty());
    CHECK(heredocs_in("RUN [\"echo\", \"<<A\"]").empty());
    CHECK(heredocs_in("RUN echo '<<A").empty());
}

TEST_CASE("a here-document takes the lines up to its name") {
    base::Diagnostics diagnostics;
    LineReader reader(std::make_shared<base::Source>(
                          base::Source{"Dockerfile", "RUN <<-A\n\t# no comment\n\tx \\\n\n\tA\nRUN b\n"}),
                      diagnostics);
    auto line = reader.next();
    Heredoc heredoc = heredocs_in(line->text).at(0);
    reader.read(heredoc, line->at(4));
    CHECK(heredoc.content == "\t# no comment\n\tx \\\n\n");
    CHECK(heredoc.text() == "# no comment\nx \\\n\n");
    CHECK(base::to_string(heredoc.location) == "Dockerfile:2:1");
    CHECK(reader.next()->text == "RUN b");

    Heredoc endless = heredocs_in("RUN <<B").at(0);
    reader.read(endless, line->at(4));
    REQUIRE(diagnostics.all().size() == 1);
    CHECK(diagnostics.all()[0].message == "the here-document \"B\" has no end");
}
