#include "compose/dotenv.hpp"
#include "unit/compose/support.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace compose;
using test::source;
using test::summary;

namespace {

const std::string *outer(const std::string &name) {
    static const std::map<std::string, std::string> values{{"OUTER", "outside"}, {"B", "outer b"}};
    const auto found = values.find(name);
    return found == values.end() ? nullptr : &found->second;
}

std::string joined(const std::vector<EnvEntry> &entries) {
    std::string text;
    for (const EnvEntry &entry : entries)
        text += (text.empty() ? "" : "|") + entry.key + (entry.value ? "=" + *entry.value : "");
    return text;
}

std::string parsed(const std::string &text) {
    Diagnostics diagnostics;
    const std::string result = joined(parse_env_file(source(text), outer, diagnostics));
    const std::string wrong = summary(diagnostics);
    return wrong.empty() ? result : result + " <" + wrong + ">";
}

std::string raw(const std::string &text) {
    Diagnostics diagnostics;
    const std::string result = joined(parse_raw_env_file(source(text), outer, diagnostics));
    const std::string wrong = summary(diagnostics);
    return wrong.empty() ? result : result + " <" + wrong + ">";
}

} // namespace

// The expected values are what Docker Compose gives the container.
TEST_CASE("an env file is read to the letter of its grammar") {
    const auto [text, expected] = GENERATE(table<const char *, const char *>({
        {"A=x\nB=y", "A=x|B=y"},
        {"  A=x  \n\n# c\n  # d\nB=", "A=x|B="},
        {"export A=x\nexport\tB=y\nexported=z\n", "A=x|B=y|exported=z"},
        {"A: yaml\n", "A=yaml"},
        {"A = spaced\n", "A=spaced"},
        {"A=x # c\nB=1#2\n", "A=x|B=1#2"},
        {"A=x\t# c\n", "A=x\t# c"},
        {"A=\"x\" # c\nB='y'#z\n", "A=x|B=y"},
        {"A='l\\'it $X \\n'\n", "A=l'it $X \\n"},
        {"A=\"a\\nb \\$X \\\"q\\\" \\\\ \\c \\0101 \\101\"\n", "A=a\nb $X \"q\" \\ \\c A \\101"},
        {"A=a\\nb\n", "A=a\\nb"},
        {"A=\"multi\nline\"\nB='single\nmulti'\n", "A=multi\nline|B=single\nmulti"},
        {"A=x\nC=${A}-$OUTER\n", "A=x|C=x-outside"},
        {"B=inner\nC=$B\n", "B=inner|C=outer b"},
        {"A=${NO:-d}\n", "A=d"},
        {"A=$$X\nC=\"$$X\"\n", "A=$X|C=$X"},
        {"OUTER\nNONE\nEND", "OUTER=outside|NONE|END"},
        {"Q.r-s[0]=dots\n1A=b\n", "Q.r-s[0]=dots|1A=b"},
        {"A=1\nA=2\n", "A=1|A=2"},
        {"A=\"x\"B=y\n", "A=x|B=y"},
        {"A=x\r\nB=\"y\"\r\nOUTER\r\n", "A=x|B=y|OUTER=outside"},
        {"A=# c\n", "A=# c <1:3 warning: this is the value, not a comment>"},
    }));
    CAPTURE(text);
    CHECK(parsed(text) == expected);
}

TEST_CASE("a wrong line of an env file is named and the rest read") {
    const auto [text, expected] = GENERATE(table<const char *, const char *>({
        {"A B=1\nC=2\n", "C=2 <1:1 error: key cannot contain a space>"},
        {"Z=1\nA;=1\nC=2\n", "Z=1|C=2 <2:2 error: unexpected character \";\" in variable name \"A;=1\">"},
        {"=1\n", " <1:1 error: a variable name is missing before \"=\">"},
        {"Z=1\nA=\"x\n", "Z=1 <2:3 error: unterminated quoted value>"},
        {"A=${1}\n", "A= <1:3 error: invalid interpolation format: \"${1}\" is not a variable>"},
        {"A=${X?need}\n", "A= <1:3 error: required variable X is missing a value: need>"},
        {"A=$NO\n", "A= <1:3 warning: the \"NO\" variable is not set, defaulting to a blank string>"},
    }));
    CAPTURE(text);
    CHECK(parsed(text) == expected);
}

TEST_CASE("an env file whose values double each other is stopped") {
    std::string text = "V0=0123456789\n";
    for (int line = 1; line <= 40; ++line) {
        const std::string earlier = "${V" + std::to_string(line - 1) + "}";
        text += "V" + std::to_string(line) + "=" + earlier + earlier + "\n";
    }
    Diagnostics diagnostics;
    (void)parse_env_file(source(text), outer, diagnostics);
    REQUIRE(diagnostics.has_errors());
    CHECK(diagnostics.all().front().message == "the values of this file become too large");
    CHECK(diagnostics.all().front().hint == "do its variables multiply each other?");
}

TEST_CASE("raw env files keep values as they are") {
    CHECK(raw("A=\"x\" # c\nB='$OUTER' \n  C= d\nOUTER\nNONE\n# c\n\nE=f=g\r\n")
          == "A=\"x\" # c|B='$OUTER' |C= d|OUTER=outside|NONE|E=f=g");
    CHECK(raw("A B=1\nC=2\n") == "C=2 <1:1 error: key cannot contain a space>");
}
