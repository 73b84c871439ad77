#include "engine/build/file_checks.hpp"
#include "unit/build/parsing.hpp"

#include <catch2/catch.hpp>

using test::Parsed;
using Texts = std::vector<std::string>;

namespace {

Texts errors(const std::string &instruction) {
    return Parsed("FROM a\n" + instruction + "\n").errors();
}

Texts warnings(const std::string &text) {
    return Parsed(text).warnings();
}

std::string hint(const std::string &text) {
    return Parsed(text).diagnostics.sorted().at(0).hint;
}

} // namespace

TEST_CASE("every error of a file is found at once") {
    CHECK(Parsed("FORM a\nFROM a as\nRUM x\nCOPY x\nENV\n").errors()
          == Texts{"1:1 unknown instruction \"FORM\"", "2:8 FROM takes an image, and a name after AS",
                   "3:1 unknown instruction \"RUM\"", "4:1 COPY needs at least a source and a destination",
                   "5:1 ENV needs a name and a value"});
}

TEST_CASE("what is nearly right is suggested") {
    CHECK(hint("FROM a\nRUM x\n") == "did you mean \"RUN\"?");
    CHECK(hint("FROM a\nCOPY --form=b x y\n") == "did you mean \"--from\"?");
    CHECK(hint("FROM a\nRUN --network=hots x\n") == "did you mean \"host\"?");
    CHECK(hint("# check=skip=UndefinedVars\nFROM a\n") == "did you mean \"UndefinedVar\"?");
}

TEST_CASE("a caret points into the line that is continued") {
    const Parsed parsed("FROM a\nCOPY --chown=1 \\\n     --chmd=2 x y\n");
    CHECK(base::render(parsed.diagnostics.sorted().at(0), false)
          == "Dockerfile:3:6: error: COPY has no flag \"--chmd\"\n"
             "   3 |      --chmd=2 x y\n"
             "     |      ^\n"
             "hint: did you mean \"--chmod\"?\n");
}

TEST_CASE("a file begins with FROM") {
    CHECK(Parsed("").errors() == Texts{"0:0 there is no instruction in it"});
    CHECK(Parsed("# only\n").errors() == Texts{"0:0 there is no instruction in it"});
    CHECK(Parsed("ARG a\n").errors() == Texts{"0:0 there is no FROM in it"});
    CHECK(Parsed("RUN x\nRUN y\n").errors() == Texts{"1:1 RUN stands before the first FROM"});
}

TEST_CASE("flags are checked") {
    CHECK(errors("COPY --from=a --from=b x y") == Texts{"2:15 the flag --from is given twice"});
    CHECK(errors("COPY --from x y") == Texts{"2:6 the flag --from needs a value"});
    CHECK(errors("COPY --link=maybe x y") == Texts{"2:6 the flag --link is true or false, not \"maybe\""});
    CHECK(errors("COPY --link= x y") == Texts{"2:6 the flag --link is true or false, not \"\""});
    CHECK(errors("CMD --x y") == Texts{"2:5 CMD has no flag \"--x\""});
    CHECK(errors("RUN --security=none x") == Texts{"2:5 \"none\" is no value of this flag"});
    CHECK(errors("COPY --from=$x a b") == Texts{"2:6 --from takes no variables"});
    CHECK(errors("RUN --mount=type=bind,from=a$b,target=/x y")
          == Texts{"2:5 from= of a mount takes no variables"});
}

TEST_CASE("arguments are checked") {
    CHECK(errors("RUN") == Texts{"2:1 RUN has no command"});
    CHECK(errors("FROM b AS 1x") == Texts{"2:11 \"1x\" can't be the name of a stage"});
    CHECK(errors("FROM b c") == Texts{"2:8 FROM takes an image, and a name after AS"});
    CHECK(errors("ENV a") == Texts{"2:5 ENV a has no value"});
    CHECK(errors("ENV a=1 b") == Texts{"2:9 \"b\" has no value"});
    CHECK(errors("ENV =1") == Texts{"2:5 \"=1\" has no name"});
    CHECK(errors("ARG") == Texts{"2:1 ARG needs a name"});
    CHECK(errors("ARG =1") == Texts{"2:5 \"=1\" has no name"});
    CHECK(errors("USER") == Texts{"2:1 USER needs an argument"});
    CHECK(errors("EXPOSE") == Texts{"2:1 EXPOSE needs a port"});
    CHECK(errors("VOLUME [\"\"]") == Texts{"2:9 the path of a VOLUME is empty"});
    CHECK(errors("SHELL bash -c") == Texts{"2:7 SHELL takes its words in JSON form only"});
    CHECK(errors("HEALTHCHECK") == Texts{"2:1 HEALTHCHECK is followed by CMD or NONE"});
    CHECK(errors("HEALTHCHECK NONE x") == Texts{"2:18 nothing may follow HEALTHCHECK NONE"});
    CHECK(errors("HEALTHCHECK CMD") == Texts{"2:13 HEALTHCHECK CMD has no command"});
    CHECK(errors("HEALTHCHECK --interval=x CMD y") == Texts{"2:13 \"x\" is no duration"});
    CHECK(errors("HEALTHCHECK --timeout=1ns CMD y")
          == Texts{"2:13 the duration \"1ns\" is below a millisecond"});
    CHECK(errors("HEALTHCHECK --retries=-1 CMD y") == Texts{"2:13 \"-1\" is no number of retries"});
    CHECK(errors("ONBUILD ONBUILD RUN x") == Texts{"2:9 ONBUILD can't be the trigger of an ONBUILD"});
    CHECK(errors("ONBUILD FROM x") == Texts{"2:9 FROM can't be the trigger of an ONBUILD"});
    CHECK(errors("ONBUILD COPY x") == Texts{"2:9 COPY needs at least a source and a destination"});
    CHECK(errors("ONBUILD") == Texts{"2:8 ONBUILD needs an instruction"});
    CHECK(errors("RUN <<A\nx") == Texts{"2:1 the here-document \"A\" has no end"});
    CHECK(errors("COPY x <<A\nA") == Texts{"2:8 a here-document can't be the destination"});
}

TEST_CASE("what is better done otherwise is warned of") {
    CHECK(warnings("FROM a\nCMD x\n")
          == Texts{"2:1 CMD in shell form keeps signals from the program (JSONArgsRecommended)"});
    CHECK(warnings("FROM a AS B\n")
          == Texts{"1:11 the stage name \"B\" is not in lower case (StageNameCasing)"});
    CHECK(warnings("FROM a as b\n") == Texts{"1:8 \"as\" is not in the case of \"FROM\" (FromAsCasing)"});
    CHECK(warnings("FROM a\nENV b c\n")
          == Texts{"2:1 the name and the value are separated by a space (LegacyKeyValueFormat)"});
    CHECK(warnings("FROM a AS b\nFROM c AS b\n")
          == Texts{"2:11 there is a stage \"b\" already (DuplicateStageName)"});
    CHECK(warnings("FROM a AS scratch\n")
          == Texts{"1:11 the stage name \"scratch\" has a meaning of its own (ReservedStageName)"});
    CHECK(warnings("FROM a\nARG DB_PASSWORD\nENV TOKEN=x KEY_FILE=y MONKEY=z\n")
          == Texts{
              "2:5 ARG \"DB_PASSWORD\" puts what looks like a secret into the image (SecretsUsedInArgOrEnv)",
              "3:5 ENV \"TOKEN\" puts what looks like a secret into the image (SecretsUsedInArgOrEnv)"});
    CHECK(warnings("FROM a\nRUN a\nrun b\n")
          == Texts{"3:1 \"run\" is not in the case of most instructions (ConsistentInstructionCasing)"});
    CHECK(warnings("FROM a\nMAINTAINER b\n") == Texts{"2:1 MAINTAINER is deprecated (MaintainerDeprecated)"});
    CHECK(warnings("FROM a\nCMD [\"a\"]\nCMD [\"b\"]\n")
          == Texts{"2:1 this CMD has no effect, for another one follows (MultipleInstructionsDisallowed)"});
    CHECK(warnings("FROM a\nRUN a \\\n\n b\n")
          == Texts{"3:1 a blank line is within a continued instruction (NoEmptyContinuation)"});
}

TEST_CASE("comments above stages and arguments describe them, where that check is asked for") {
    const std::string text = "# of something\nFROM a AS b\n# b 2\nARG b\n\n# note\n\nARG c\n"
                             "# d more\n# words\nARG d\n# other\nARG e\n";
    CHECK(warnings(text).empty());
    CHECK(warnings("# check=experimental=InvalidDefinitionDescription\n" + text)
          == Texts{"3:1 the comment above does not describe \"b\" (InvalidDefinitionDescription)",
                   "14:1 the comment above does not describe \"e\" (InvalidDefinitionDescription)"});
    CHECK(warnings("# check=experimental=all\nFROM a AS b\n").empty());
}

TEST_CASE("COPY of what .dockerignore leaves out is warned of") {
    const auto ignored_files = [](const std::string &dockerfile, const std::string &ignored) {
        const Parsed parsed("FROM a\n" + dockerfile);
        base::Diagnostics diagnostics;
        const build::IgnoreRules rules(std::make_shared<base::Source>(base::Source{".dockerignore", ignored}),
                                       diagnostics);
        build::check_ignored_files(parsed.file, rules, diagnostics);
        return test::shown(diagnostics, base::Severity::warning);
    };
    CHECK(ignored_files("COPY one ./tmp/two kept /x/\n", "one\ntmp\n")
          == Texts{"2:6 \"one\" is left out by .dockerignore (CopyIgnoredFile)",
                   "2:10 \"./tmp/two\" is left out by .dockerignore (CopyIgnoredFile)"});
    CHECK(ignored_files("ADD one /x\nADD https://h/one /x\n", "one\nhttps:*\n").size() == 1);
    CHECK(ignored_files("COPY --from=b one /x\nCOPY o* $one . /x/\nRUN one\n", "*\n").empty());
    CHECK(ignored_files("COPY dir /x\n", "dir\n!dir/kept\n").empty());
}

TEST_CASE("the check directive skips checks or makes them errors") {
    CHECK(warnings("# check=skip=JSONArgsRecommended\nFROM a\nCMD x\n").empty());
    CHECK(warnings("# check=skip=all\nFROM a AS B\nCMD x\n").empty());
    const Parsed strict("# check=skip=StageNameCasing;error=true\nFROM a AS B\nCMD x\n");
    CHECK(strict.warnings().empty());
    CHECK(strict.errors()
          == Texts{"3:1 CMD in shell form keeps signals from the program (JSONArgsRecommended)"});
    CHECK(Parsed("# check=skip\nFROM a\n").errors()
          == Texts{"1:1 \"skip\" is no option of the check directive"});
    CHECK(warnings("# check=skip=Nonsense\nFROM a\n") == Texts{"1:1 there is no check \"Nonsense\""});
}
