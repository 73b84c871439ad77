#include "engine/build/expand_word.hpp"

#include <catch2/catch.hpp>

#include <map>

using namespace build;
using Words = std::vector<std::string>;

namespace {

const std::map<std::string, std::string> set{{"v", "value"},
                                             {"empty", ""},
                                             {"foobarbaz", "foobarbaz"},
                                             {"path", "/a/b/c.tar.gz"},
                                             {"spaced", "a b"},
                                             {"lines", "one\ntwo"},
                                             {"star", "a*b"},
                                             {"wide", "äöü"}};

const std::string *look_up(const std::string &name) {
    const auto found = set.find(name);
    return found == set.end() ? nullptr : &found->second;
}

std::string expanded(std::string_view word, const WordRules &rules = {}) {
    const ExpandedWord result = expand_word(word, look_up, rules);
    return result.problem ? "! " + result.problem->message : result.text;
}

} // namespace

TEST_CASE("a variable is replaced with and without braces") {
    CHECK(expanded("$v") == "value");
    CHECK(expanded("${v}") == "value");
    CHECK(expanded("a${v}_b/$v/c") == "avalue_b/value/c");
    CHECK(expanded("[$missing]") == "[]");
    CHECK(expanded("$") == "$");
    CHECK(expanded("a$/b") == "a$/b");
    CHECK(expanded("$1x") == "x");
}

TEST_CASE("defaults and alternatives tell unset from empty when the colon is absent") {
    CHECK(expanded("${missing:-d}") == "d");
    CHECK(expanded("${empty:-d}") == "d");
    CHECK(expanded("${empty-d}").empty());
    CHECK(expanded("${missing-d}") == "d");
    CHECK(expanded("${v:+r}") == "r");
    CHECK(expanded("${empty:+r}").empty());
    CHECK(expanded("${empty+r}") == "r");
    CHECK(expanded("${missing+r}").empty());
    CHECK(expanded("${missing:-a ${v} \"q\"}") == "a value q");
    CHECK(expanded("${missing:-${empty:-${v}}}") == "value");
    CHECK(expanded("${missing:-\\}}") == "}");
}

TEST_CASE("a required variable fails with its message") {
    CHECK(expanded("${v:?no}") == "value");
    CHECK(expanded("${missing:?set it}") == "! missing: set it");
    CHECK(expanded("${missing?}") == "! missing: must be set");
    CHECK(expanded("${empty:?}") == "! empty: must not be empty");
    CHECK(expanded("${empty?no}").empty());
}

TEST_CASE("prefixes and suffixes are stripped, shortest or longest") {
    CHECK(expanded("${foobarbaz#f*b}") == "arbaz");
    CHECK(expanded("${foobarbaz##f*b}") == "az");
    CHECK(expanded("${foobarbaz%b*}") == "foobar");
    CHECK(expanded("${foobarbaz%%b*}") == "foo");
    CHECK(expanded("${path##*/}") == "c.tar.gz");
    CHECK(expanded("${path%.*}") == "/a/b/c.tar");
    CHECK(expanded("${path#/?/}") == "b/c.tar.gz");
    CHECK(expanded("${foobarbaz#x}") == "foobarbaz");
    CHECK(expanded("${star#a\\*}") == "b");
    CHECK(expanded("${lines##*}") == "\ntwo");
    CHECK(expanded("${wide#?}") == "öü");
    CHECK(expanded("${wide%?}") == "äö");
    CHECK(expanded("${foobarbaz#$empty}") == "foobarbaz");
    CHECK(expanded("${foobarbaz#\\a}") == "! the pattern escapes what needs no escape: \\a");
}

TEST_CASE("patterns are replaced, the first match or all") {
    CHECK(expanded("${foobarbaz/ba/fo}") == "fooforbaz");
    CHECK(expanded("${foobarbaz//ba/fo}") == "fooforfoz");
    CHECK(expanded("${foobarbaz//ba?/}") == "foo");
    CHECK(expanded("${foobarbaz/b*/!}") == "foo!");
    CHECK(expanded("${path//\\//-}") == "-a-b-c.tar.gz");
    CHECK(expanded("${foobarbaz/x/y}") == "foobarbaz");
    CHECK(expanded("${empty//*/x}") == "x");
    CHECK(expanded("${v//*/x}") == "x");
    CHECK(expanded("${spaced// /_}") == "a_b");
    CHECK(expanded("${v/a}") == "! the pattern has no closing \"/\"");
}

TEST_CASE("quotes and escapes are removed as a shell does") {
    CHECK(expanded("'$v'") == "$v");
    CHECK(expanded("\"$v\"") == "value");
    CHECK(expanded("\\$v") == "$v");
    CHECK(expanded("\\${v}") == "${v}");
    CHECK(expanded("a\\ b") == "a b");
    CHECK(expanded("\"a\\\"b\\$v\\n\"") == "a\"b$v\\n");
    CHECK(expanded("'it''s'") == "its");
    CHECK(expanded("end\\") == "end");
    CHECK(expanded("`$v", {.escape = '`'}) == "$v");
    CHECK(expanded("c:\\x", {.escape = '`'}) == "c:\\x");
}

TEST_CASE("in a here-document quotes are plain") {
    CHECK(expanded("it's \"$v\" \\$v", {.quotes = WordRules::Quotes::plain}) == "it's \"value\" $v");
}

TEST_CASE("quotes, escapes and unset variables are kept on request") {
    const WordRules rules{.quotes = WordRules::Quotes::kept, .keep_escapes = true, .keep_unset = true};
    CHECK(expanded("'a' \"b\" \\c $missing ${missing:-x}", rules) == "'a' \"b\" \\c $missing ${missing:-x}");
}

TEST_CASE("words are split at white space that is neither quoted nor escaped") {
    CHECK(expand_word("a 'b c' d\\ e $spaced \"$spaced\"", look_up).words
          == Words{"a", "b c", "d e", "a", "b", "a b"});
    CHECK(expand_word("cat << EOF > x", look_up).words == Words{"cat", "<< EOF", ">", "x"});
}

TEST_CASE("variables that are set and unset are told apart, with their place") {
    const ExpandedWord result = expand_word("$v ${missing} ${other:-x}", look_up);
    REQUIRE(result.set.size() == 1);
    CHECK(result.set[0].name == "v");
    REQUIRE(result.unset.size() == 1);
    CHECK(result.unset[0].name == "missing");
    CHECK(result.unset[0].offset == 3);
}

TEST_CASE("malformed words say what is missing") {
    CHECK(expanded("${") == "! the variable has no closing \"}\"");
    CHECK(expanded("${v") == "! the variable has no closing \"}\"");
    CHECK(expanded("${v:-x") == "! the variable has no closing \"}\"");
    CHECK(expanded("${}") == "! there is no variable name after \"${\"");
    CHECK(expanded("${v!x}") == "! \"!\" is no operator of a variable");
    CHECK(expanded("${v:#x}") == "! \":#\" is no operator of a variable");
    CHECK(expanded("a 'b") == "! the single quote is not closed");
    CHECK(expanded("a \"b") == "! the double quote is not closed");
    CHECK(expand_word("ab${", look_up).problem->offset == 2);
}

TEST_CASE("neither nesting nor growth is without a limit") {
    std::string deep;
    for (int i = 0; i < 1000; ++i)
        deep += "${m:-";
    CHECK(expanded(deep + std::string(1000, '}')) == "! variables are nested too deeply");
    const std::string large(std::size_t{1} << 16, 'x');
    const auto lookup = [&](const std::string &) { return &large; };
    CHECK(expand_word("$a$a$a", lookup).problem->message == "the result is too long");
    CHECK(expand_word("${a//x/xxxx}", lookup).problem.value().message
          == "the result has more than 131072 bytes");
}
