#include "unit/build/parsing.hpp"

#include <catch2/catch.hpp>

using namespace build;
using test::Parsed;
using test::place;
using test::texts;
using Texts = std::vector<std::string>;

TEST_CASE("stages have images, platforms and names in any case") {
    const Parsed parsed(
        "ARG V=1\nFROM --platform=$BUILDPLATFORM a:$V AS One\nfrom scratch as two.x\nFROM b@sha256:0\n");
    REQUIRE(parsed.errors().empty());
    REQUIRE(parsed.file.stages.size() == 3);
    CHECK(parsed.file.arguments.size() == 1);
    const From &first = parsed.file.stages[0].from;
    CHECK(first.image.text == "a:$V");
    CHECK(place(first.image.location) == "2:32");
    CHECK(first.platform.text == "$BUILDPLATFORM");
    CHECK(first.name.text == "one");
    CHECK(parsed.file.stages[1].from.name.text == "two.x");
    CHECK(parsed.file.stages[2].from.name.text.empty());
}

TEST_CASE("RUN, CMD and ENTRYPOINT have a shell and an exec form") {
    const Parsed parsed(
        "FROM a\nRUN echo \"a b\" $x\nRUN [\"a\", \"b \\\"c\\u0041\"]\nCMD [ ]\nENTRYPOINT ['x']\n"
        "RUN [ -f x ] && [ -f y ]\n");
    CHECK(parsed.get<Run>(0).command.words == Texts{"echo \"a b\" $x"});
    CHECK_FALSE(parsed.get<Run>(0).command.exec);
    CHECK(parsed.get<Run>(1).command.words == Texts{"a", "b \"cA"});
    CHECK(parsed.get<Run>(1).command.exec);
    CHECK(parsed.get<Cmd>(2).command.exec);
    CHECK(parsed.get<Cmd>(2).command.words.empty());
    CHECK(parsed.get<Entrypoint>(3).command.words == Texts{"['x']"});
    CHECK(parsed.get<Run>(4).command.words == Texts{"[ -f x ] && [ -f y ]"});
    CHECK(Parsed("FROM a\nRUN [\"a\", 1]\n").errors() == Texts{"2:5 the exec form takes strings only"});
}

TEST_CASE("RUN has mounts, a network and a security mode, and -- ends its flags") {
    const Parsed parsed("FROM a\nRUN --mount=type=cache,target=\"/a b\" --mount=target=/c --network=none "
                        "--security=insecure --device=x -- --version\n");
    REQUIRE(parsed.errors().empty());
    const Run &run = parsed.get<Run>();
    CHECK(texts(run.mounts) == Texts{"type=cache,target=/a b", "target=/c"});
    CHECK(run.network == "none");
    CHECK(run.insecure);
    REQUIRE(run.devices.size() == 1);
    CHECK(run.devices[0].name == "x");
    CHECK(run.command.words == Texts{"--version"});
}

TEST_CASE("COPY and ADD have sources, a destination and flags") {
    const Parsed parsed("FROM a\nCOPY --from=0 --chown=1:2 --chmod=u=rwX --link --parents --exclude=*.a "
                        "--exclude=b x  y /d/\nADD --checksum=sha256:0 --keep-git-dir=true --unpack=false "
                        "[\"a b\", \"/c d\"]\n");
    REQUIRE(parsed.errors().empty());
    const Copy &copy = parsed.get<Copy>(0);
    CHECK(copy.from.text == "0");
    CHECK(copy.parents);
    CHECK(copy.files.link);
    CHECK(copy.files.chown.text == "1:2");
    CHECK(copy.files.chmod.text == "u=rwX");
    CHECK(texts(copy.files.excludes) == Texts{"*.a", "b"});
    CHECK(texts(copy.files.sources) == Texts{"x", "y"});
    CHECK(place(copy.files.sources[1].location) == "2:87");
    CHECK(copy.files.destination.text == "/d/");
    const Add &add = parsed.get<Add>(1);
    CHECK(add.checksum.text == "sha256:0");
    CHECK(add.keep_git_dir == true);
    CHECK(add.unpack == false);
    CHECK(texts(add.files.sources) == Texts{"a b"});
    CHECK(add.files.destination.text == "/c d");
    CHECK(place(add.files.destination.location) == "3:68");
}

TEST_CASE("here-documents are files for COPY and input for RUN") {
    const Parsed parsed(
        "FROM a\nCOPY <<A <<-\"B\" c /d/\none\nA\n\ttwo $x\n\tB\nRUN <<E python3\nprint()\n\nE\nRUN x\n");
    REQUIRE(parsed.errors().empty());
    const Copy &copy = parsed.get<Copy>(0);
    CHECK(texts(copy.files.sources) == Texts{"c"});
    REQUIRE(copy.files.contents.size() == 2);
    CHECK(copy.files.contents[0].text() == "one\n");
    CHECK(copy.files.contents[0].expands);
    CHECK(copy.files.contents[1].text() == "two $x\n");
    CHECK_FALSE(copy.files.contents[1].expands);
    CHECK(parsed.instruction(0).last_line == 6);
    const Run &run = parsed.get<Run>(1);
    CHECK(run.command.words == Texts{"<<E python3"});
    CHECK(run.command.heredocs.at(0).content == "print()\n\n");
    CHECK(parsed.get<Run>(2).command.words == Texts{"x"});
}

TEST_CASE("ENV and LABEL take pairs, or one name and a value") {
    const Parsed parsed("FROM a\nENV A=1 B=\"x y\" C=p\\ q D= \\\n  E='='\nENV ONE TWO= THREE=world\n"
                        "LABEL \"k\"=v w=\"a b\"\n");
    REQUIRE(parsed.errors().empty());
    const Env &env = parsed.get<Env>(0);
    REQUIRE(env.variables.size() == 5);
    CHECK(env.variables[1].value.text == "\"x y\"");
    CHECK(env.variables[2].value.text == "p\\ q");
    CHECK(env.variables[3].value.text.empty());
    CHECK(env.variables[4].value.text == "'='");
    CHECK(place(env.variables[4].value.location) == "3:5");
    CHECK(parsed.get<Env>(1).variables.at(0).value.text == "TWO= THREE=world");
    CHECK(parsed.get<Label>(2).labels.at(0).key.text == "\"k\"");
}

TEST_CASE("ARG takes several names, with and without a default") {
    const Parsed parsed("FROM a\nARG a b=1 c=\"x y\" d=\n");
    const Arg &arg = parsed.get<Arg>();
    REQUIRE(arg.arguments.size() == 4);
    CHECK_FALSE(arg.arguments[0].value);
    CHECK(arg.arguments[1].value->text == "1");
    CHECK(arg.arguments[2].value->text == "\"x y\"");
    CHECK(arg.arguments[3].value->text.empty());
}

TEST_CASE("HEALTHCHECK has options, both command forms and NONE") {
    const Parsed parsed(
        "FROM a\nHEALTHCHECK --interval=5m --timeout=3s --start-period=1s --start-interval=500ms "
        "--retries=4 CMD curl -f x || exit 1\nHEALTHCHECK cmd [\"a\", \"b\"]\nHEALTHCHECK none\n");
    REQUIRE(parsed.errors().empty());
    const image::Healthcheck &check = parsed.get<Healthcheck>(0).value;
    CHECK(check.test == Texts{"CMD-SHELL", "curl -f x || exit 1"});
    CHECK(check.interval == std::chrono::minutes(5));
    CHECK(check.timeout == std::chrono::seconds(3));
    CHECK(check.start_period == std::chrono::seconds(1));
    CHECK(check.start_interval == std::chrono::milliseconds(500));
    CHECK(check.retries == 4);
    CHECK(parsed.get<Healthcheck>(1).value.test == Texts{"CMD", "a", "b"});
    CHECK_FALSE(parsed.get<Healthcheck>(1).value.retries);
    CHECK(parsed.get<Healthcheck>(2).value.test == Texts{"NONE"});
}

TEST_CASE("the other instructions keep what they are given") {
    const Parsed parsed(
        "FROM a\nEXPOSE 80 53/udp $p\nVOLUME /a /b\nVOLUME [\"/c d\"]\nUSER a:b\nWORKDIR /x y\n"
        "STOPSIGNAL SIGINT\nSHELL [\"/bin/bash\", \"-c\"]\nMAINTAINER Some One\n"
        "ONBUILD RUN <<A\nx\nA\nONBUILD COPY . /app\n");
    REQUIRE(parsed.errors().empty());
    CHECK(texts(parsed.get<Expose>(0).ports) == Texts{"80", "53/udp", "$p"});
    CHECK(texts(parsed.get<Volume>(1).paths) == Texts{"/a", "/b"});
    CHECK(texts(parsed.get<Volume>(2).paths) == Texts{"/c d"});
    CHECK(parsed.get<User>(3).user.text == "a:b");
    CHECK(parsed.get<Workdir>(4).path.text == "/x y");
    CHECK(parsed.get<StopSignal>(5).signal.text == "SIGINT");
    CHECK(parsed.get<Shell>(6).words == Texts{"/bin/bash", "-c"});
    CHECK(parsed.get<Maintainer>(7).name == "Some One");
    CHECK(parsed.get<OnBuild>(8).trigger == "RUN <<A\nx\nA");
    CHECK(parsed.get<OnBuild>(9).trigger == "COPY . /app");
}

TEST_CASE("the escape directive counts for words and flags as well") {
    const Parsed parsed("# escape=`\nFROM a\nENV A=x` y B=c:\\\nCOPY a `\n  c:\\\n");
    REQUIRE(parsed.errors().empty());
    CHECK(parsed.get<Env>(0).variables.at(0).value.text == "x` y");
    CHECK(parsed.get<Env>(0).variables.at(1).value.text == "c:\\");
    CHECK(parsed.get<Copy>(1).files.destination.text == "c:\\");
}

TEST_CASE("a trigger is an instruction of its own") {
    base::Diagnostics diagnostics;
    const auto source = std::make_shared<base::Source>(base::Source{"ONBUILD of x", "RUN <<A\nx\nA"});
    const auto instruction = parse_trigger(source, Checks(), diagnostics);
    REQUIRE(instruction);
    CHECK(std::get<Run>(instruction->action).command.heredocs.at(0).content == "x\n");
    CHECK(diagnostics.all().empty());
}
