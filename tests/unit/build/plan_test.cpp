#include "base/error.hpp"
#include "engine/build/plan.hpp"
#include "unit/build/parsing.hpp"

#include <catch2/catch.hpp>

using namespace build;
using Texts = std::vector<std::string>;

namespace {

constexpr const char *path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

BuildRequest request() {
    BuildRequest result;
    result.build_platform = image::Platform::parse("linux/amd64");
    result.target_platform = image::Platform::parse("linux/arm64");
    return result;
}

struct Planned {
    explicit Planned(std::string text, BuildRequest asked = request()) : parsed(std::move(text)) {
        CHECK(parsed.errors().empty());
        plan = make_plan(
            parsed.file, asked,
            [this](const Origin &origin) -> std::optional<image::ImageConfig> {
                configs_asked.push_back(origin.name);
                if (origin.name == "missing")
                    throw base::Error("there is no image missing");
                if (origin.name == "unknown")
                    return std::nullopt;
                image::ImageConfig config;
                config.platform =
                    origin.name == "other" ? image::Platform::parse("linux/s390x") : origin.platform;
                config.env = {"PATH=/bin", "BASE=1"};
                config.cmd = Texts{"base-cmd"};
                config.working_dir = "/base";
                if (origin.name == "trigger")
                    config.on_build = {"COPY --from=tool /t /t", "RUN <<E\necho $x\nE"};
                return config;
            },
            parsed.diagnostics);
    }

    [[nodiscard]] Texts stages() const {
        Texts names;
        for (const StagePlan &stage : plan.stages)
            names.push_back(stage.name);
        return names;
    }

    [[nodiscard]] const StagePlan &last() const { return plan.stages.back(); }

    [[nodiscard]] const Step &step(std::size_t index) const { return last().steps.at(index); }

    template <typename T>
    [[nodiscard]] const T &get(std::size_t index = 0) const {
        return std::get<T>(step(index).action);
    }

    test::Parsed parsed;
    Texts configs_asked;
    Plan plan;
};

BuildRequest with(std::map<std::string, std::string> args, std::string target = {}) {
    BuildRequest result = request();
    result.args = std::move(args);
    result.target = std::move(target);
    return result;
}

} // namespace

TEST_CASE("only the stages the target needs are planned, each after those it needs") {
    const std::string text = "FROM a AS one\nFROM b AS two\nRUN x\nFROM one AS three\nCOPY --from=two /x /y\n"
                             "FROM c\nRUN --mount=from=three,target=/m x\nCOPY --from=0 /a /b\n";
    CHECK(Planned(text).stages() == Texts{"one", "two", "three", "stage-3"});
    CHECK(Planned(text, with({}, "TWO")).stages() == Texts{"two"});
    CHECK(Planned(text, with({}, "two")).configs_asked == Texts{"b"});
    CHECK(Planned(text, with({}, "2")).stages() == Texts{"one", "two", "three"});
    CHECK(Planned(text, with({}, "tow")).parsed.errors() == Texts{"0:0 there is no stage \"tow\" to build"});
}

TEST_CASE("a name is an earlier stage, an additional context, scratch or an image") {
    BuildRequest asked = request();
    asked.contexts = {"ctx", "replaced"};
    const Planned planned(
        "FROM scratch AS empty\nFROM a AS replaced\nRUN never\nFROM ctx\nCOPY --from=ctx . .\n"
        "COPY --from=img:1 a b\nCOPY --from=replaced a b\nCOPY --from=empty a b\nCOPY a b\n",
        asked);
    REQUIRE(planned.parsed.errors().empty());
    CHECK(planned.last().base.kind == Origin::Kind::named);
    CHECK(planned.get<CopyStep>(0).origin.name == "ctx");
    CHECK(planned.get<CopyStep>(1).origin.kind == Origin::Kind::image);
    CHECK(planned.get<CopyStep>(1).origin.name == "img:1");
    CHECK(planned.get<CopyStep>(2).origin.stage == 1);
    CHECK(planned.get<CopyStep>(3).origin.stage == 0);
    CHECK(planned.get<CopyStep>(4).origin.kind == Origin::Kind::context);
    for (const StagePlan &stage : planned.plan.stages)
        if (stage.name == "replaced") {
            CHECK(stage.base.kind == Origin::Kind::named);
            CHECK(stage.steps.empty());
        }
}

TEST_CASE("a stage takes nothing from itself, a later one or one that is not there") {
    CHECK(Planned("FROM a AS x\nCOPY --from=x a b\nCOPY --from=y a b\nCOPY --from=7 a b\nFROM x AS y\n")
              .parsed.errors()
          == Texts{"2:6 a stage can't take files from itself", "3:6 the stage \"y\" comes later",
                   "4:6 there is no stage 7"});
    CHECK(Planned("FROM a AS x\nRUN --mount=from=x,target=/y z\n").parsed.errors()
          == Texts{"2:5 a stage can't take files from itself"});
}

TEST_CASE("images to pull are known beforehand") {
    const test::Parsed parsed(
        "FROM a AS x\nFROM b AS unused\nFROM x\nCOPY --from=c d e\nCOPY --from=c f g\n");
    base::Diagnostics diagnostics;
    Texts names;
    for (const Origin &origin : images_needed(parsed.file, request(), diagnostics))
        names.push_back(origin.name + " " + origin.platform.text());
    CHECK(names == Texts{"a linux/arm64", "c linux/arm64"});
}

TEST_CASE("FROM knows the ARGs before it and the platforms") {
    const std::string text = "ARG TAG=1\nARG IMAGE=a:$TAG\nFROM --platform=$BUILDPLATFORM $IMAGE\n";
    CHECK(Planned(text).configs_asked == Texts{"a:1"});
    CHECK(Planned(text).last().platform.text() == "linux/amd64");
    CHECK(Planned(text, with({{"TAG", "2"}})).configs_asked == Texts{"a:2"});
    CHECK(Planned("FROM $NONE\n").parsed.errors() == Texts{"1:6 \"$NONE\" comes to no image name"});
    CHECK(Planned("FROM a$TARGETARH\n").parsed.warnings()
          == Texts{"1:6 the variable \"TARGETARH\" is not set (UndefinedArgInFrom)"});
    CHECK(Planned("FROM missing\n").parsed.errors() == Texts{"1:6 there is no image missing"});
}

TEST_CASE("an ARG counts from its line on, within its stage and those built on it") {
    const std::string text = "ARG G=global\nFROM a AS base\nUSER ${u:-some}\nARG u=default\nUSER $u\nARG G\n"
                             "FROM base\nRUN x\nFROM a AS other\nRUN y\n";
    const Planned planned(text, with({{"u", "given"}}, "1"));
    CHECK(planned.plan.stages[0].steps[1].user == "some");
    CHECK(planned.plan.stages[0].steps[3].user == "given");
    CHECK(planned.step(0).env == Texts{"PATH=/bin", "BASE=1", "u=given", "G=global"});
    CHECK(planned.step(0).created_by == "RUN |2 G=global u=given /bin/sh -c x");
    CHECK(planned.last().config.env == Texts{"PATH=/bin", "BASE=1"});
    CHECK(Planned(text, with({{"u", "given"}}, "other")).step(0).env == Texts{"PATH=/bin", "BASE=1"});
}

TEST_CASE("an ENV after an ARG of its name overrides it, and is the image's") {
    const Planned planned("FROM scratch\nARG V\nENV V=${V:-1} W=$V\nRUN x\n", with({{"V", "2"}}));
    CHECK(planned.step(2).env == Texts{path, "V=2", "W=2"});
    CHECK(planned.last().config.env == Texts{path, "V=2", "W=2"});
    const Planned constant("FROM scratch\nARG V\nENV V=1\nRUN x\n", with({{"V", "2"}}));
    CHECK(constant.step(2).env == Texts{path, "V=1"});
}

TEST_CASE("variables keep their value throughout an instruction") {
    const Planned planned("FROM scratch\nENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc\n");
    CHECK(planned.last().config.env == Texts{path, "abc=bye", "def=hello", "ghi=bye"});
}

TEST_CASE("proxies reach RUN without ARG, and are no part of its environment") {
    const Planned planned("FROM scratch\nRUN x\nARG http_proxy\nRUN y\n", with({{"http_proxy", "p"}}));
    CHECK(planned.get<RunStep>(0).proxies == Texts{"HTTP_PROXY=p", "http_proxy=p"});
    CHECK(planned.step(0).env == Texts{path});
    CHECK(planned.get<RunStep>(2).proxies == Texts{"HTTP_PROXY=p"});
    CHECK(planned.step(2).env == Texts{path, "http_proxy=p"});
}

TEST_CASE("RUN becomes a program with arguments, here-documents included") {
    const Planned planned(
        "FROM scratch\nRUN a  b\nRUN [\"c\", \"$d\"]\nRUN <<E\nf $g\nE\nRUN <<-P\n\t#!/bin/p\n\tx\n\tP\n"
        "RUN cat <<A <<B\n1\nA\n2\nB\nSHELL [\"/bin/bash\", \"-ec\"]\nRUN h\nRUN <<S\n#!/s\nS\n");
    CHECK(planned.get<RunStep>(0).argv == Texts{"/bin/sh", "-c", "a  b"});
    CHECK(planned.get<RunStep>(1).argv == Texts{"c", "$d"});
    CHECK(planned.get<RunStep>(2).argv == Texts{"/bin/sh", "-c", "f $g\n"});
    CHECK(planned.get<RunStep>(4).argv == Texts{"/bin/sh", "-c", "cat <<A <<B\n1\nA\n2\nB"});
    CHECK(planned.get<RunStep>(6).argv == Texts{"/bin/bash", "-ec", "h"});
    CHECK(planned.get<RunStep>(7).argv == Texts{"/bin/bash", "-ec", "/dev/pipes/S"});
    CHECK(planned.get<RunStep>(7).script->content == "#!/s\n");
}

TEST_CASE("mounts have all their options") {
    const Planned planned(
        "FROM scratch AS s\nFROM scratch\nARG id=apt\nWORKDIR /w\nRUN --mount=target=rel,rw "
        "--mount=type=cache,target=/c,id=$id,sharing=locked,mode=0700,uid=1 "
        "--mount=target=/d,type=cache,ro,from=s,source=/x --mount=type=tmpfs,target=/t,size=1m "
        "--mount=type=secret,id=aws,required --mount=type=secret,id=k,env=KEY --mount=type=ssh x\n");
    REQUIRE(planned.parsed.errors().empty());
    const auto &mounts = planned.get<RunStep>(2).mounts;
    REQUIRE(mounts.size() == 7);
    CHECK(mounts[0].mount.target == "/w/rel");
    CHECK_FALSE(mounts[0].mount.read_only);
    CHECK(mounts[0].origin.kind == Origin::Kind::context);
    CHECK(mounts[1].mount.id == "apt");
    CHECK(mounts[1].mount.sharing == Mount::Sharing::locked);
    CHECK(mounts[1].mount.mode == 0700u);
    CHECK(mounts[1].mount.uid == 1u);
    CHECK_FALSE(mounts[1].mount.read_only);
    CHECK(mounts[1].origin.kind == Origin::Kind::nothing);
    CHECK(mounts[2].mount.id == "/d");
    CHECK(mounts[2].mount.read_only);
    CHECK(mounts[2].origin.kind == Origin::Kind::stage);
    CHECK(mounts[3].mount.size.value == 1 << 20);
    CHECK(mounts[4].mount.target == "/run/secrets/aws");
    CHECK(mounts[4].mount.required);
    CHECK(mounts[5].mount.target.empty());
    CHECK(mounts[5].mount.env == "KEY");
    CHECK(mounts[6].mount.id == "default");
}

TEST_CASE("wrong mounts are errors") {
    const auto errors = [](const std::string &mount) {
        return Planned("FROM scratch\nRUN --mount=" + mount + " x\n").parsed.errors();
    };
    CHECK(errors("type=bnid,target=/x") == Texts{"2:5 there is no mount type \"bnid\""});
    CHECK(errors("taget=/x,target=/y") == Texts{"2:5 a mount has no option \"taget\""});
    CHECK(errors("target")
          == Texts{"2:5 the mount option \"target\" needs a value", "2:5 the mount has no target"});
    CHECK(errors("target=/") == Texts{"2:5 a mount can't replace the root directory"});
    CHECK(errors("target=/x,size=1m") == Texts{"2:5 a mount of type bind has no option \"size\""});
    CHECK(errors("type=secret") == Texts{"2:5 the secret mount does not say which secret"});
    CHECK(errors("type=cache,target=/x,sharing=mine") == Texts{"2:5 \"mine\" is no value of sharing"});
    CHECK(errors("type=cache,target=/x,mode=9") == Texts{"2:5 \"9\" is no value of mode"});
    CHECK(errors("target=/x,ro=maybe") == Texts{"2:5 \"maybe\" is no value of ro"});
}

TEST_CASE("COPY and ADD have absolute destinations and expanded sources") {
    const Planned planned(
        "FROM scratch\nENV n=1\nWORKDIR /a\nWORKDIR b\nCOPY x$n .\nCOPY x y z\nCOPY x c/../d\n"
        "COPY --chown=u$n --exclude=$n x /\nCOPY <<A <<'B' /e/\n$n\nA\n$n\nB\n"
        "ADD --checksum=sha256:$n http://x/y \"/q $n\"\n");
    const auto &here = planned.get<CopyStep>(3);
    CHECK(here.sources == Texts{"x1"});
    CHECK(here.destination == "/a/b");
    CHECK(here.into_directory);
    CHECK(planned.get<CopyStep>(4).destination == "/a/b/z");
    CHECK(planned.get<CopyStep>(4).into_directory);
    CHECK(planned.get<CopyStep>(5).destination == "/a/b/d");
    CHECK_FALSE(planned.get<CopyStep>(5).into_directory);
    CHECK(planned.get<CopyStep>(6).chown == "u1");
    CHECK(planned.get<CopyStep>(6).excludes == Texts{"$n"});
    CHECK(planned.get<CopyStep>(6).destination == "/");
    REQUIRE(planned.get<CopyStep>(7).contents.size() == 2);
    CHECK(planned.get<CopyStep>(7).contents[0].content == "1\n");
    CHECK(planned.get<CopyStep>(7).contents[1].content == "$n\n");
    CHECK(planned.get<CopyStep>(8).add->checksum == "sha256:1");
}

TEST_CASE("the image's configuration is what the instructions say") {
    const Planned planned(
        "FROM a\nENV p=8000-8002\nEXPOSE 80 53/UDP $p\nVOLUME /v\nUSER u:g\nLABEL a=1 b=\"$p\"\n"
        "STOPSIGNAL SIGINT\nHEALTHCHECK NONE\nENTRYPOINT [\"e\"]\nONBUILD RUN x\n",
        [] {
            BuildRequest asked = request();
            asked.labels = {{"c", "3"}};
            return asked;
        }());
    REQUIRE(planned.parsed.errors().empty());
    const image::ImageConfig &config = planned.last().config;
    CHECK(config.exposed_ports
          == std::set<std::string>{"80/tcp", "53/udp", "8000/tcp", "8001/tcp", "8002/tcp"});
    CHECK(config.volumes == std::set<std::string>{"/v"});
    CHECK(config.user == "u:g");
    CHECK(config.labels == std::map<std::string, std::string>{{"a", "1"}, {"b", "8000-8002"}, {"c", "3"}});
    CHECK(config.stop_signal == "SIGINT");
    CHECK(config.healthcheck->test == Texts{"NONE"});
    CHECK(config.entrypoint == Texts{"e"});
    CHECK_FALSE(config.cmd);
    CHECK(config.working_dir == "/base");
    CHECK(config.on_build == Texts{"RUN x"});
    CHECK(Planned("FROM a\nCMD y\nENTRYPOINT [\"e\"]\n").last().config.cmd == Texts{"/bin/sh", "-c", "y"});
    CHECK(Planned("FROM a\nEXPOSE 70000\nSTOPSIGNAL SIGNOPE\n").parsed.errors().size() == 2);
}

TEST_CASE("triggers of the base run first, may need stages, and are not inherited") {
    const Planned planned("FROM scratch AS tool\nFROM trigger\nARG x=1\nRUN own\n");
    REQUIRE(planned.parsed.errors().empty());
    CHECK(planned.stages() == Texts{"tool", "stage-1"});
    CHECK(planned.step(0).text == "COPY --from=tool /t /t");
    CHECK(planned.get<RunStep>(1).argv == Texts{"/bin/sh", "-c", "echo $x\n"});
    CHECK(planned.step(3).text == "RUN own");
    CHECK(planned.last().config.on_build.empty());
    CHECK(Planned("FROM scratch\nONBUILD RUN t\n").step(0).created_by.empty());
    const Planned within("FROM scratch AS b\nONBUILD RUN t\nFROM b AS c\nFROM c\n");
    CHECK(within.plan.stages[1].steps.size() == 1);
    CHECK(within.last().steps.empty());
}

TEST_CASE("what an unknown base does not define is not warned of, nor in the stages on it") {
    const Texts told = Planned("FROM unknown AS a\nWORKDIR x\nCOPY $theirs /\nFROM a\nENV b=$theirs\nFROM "
                               "scratch\nCOPY --from=1 $none /\n")
                           .parsed.warnings();
    REQUIRE(told.size() == 2);
    CHECK_THAT(told[0], Catch::StartsWith("1:6 variables of this stage are not checked"));
    CHECK(told[1] == "7:15 the variable \"none\" is not set (UndefinedVar)");
}

TEST_CASE("undefined variables and relative directories are warned of") {
    CHECK(Planned("FROM scratch\nARG known\nENV a=$known b=$knwon\n").parsed.warnings()
          == Texts{"3:16 the variable \"knwon\" is not set (UndefinedVar)"});
    CHECK(Planned("FROM scratch\nWORKDIR x\nWORKDIR /y\nWORKDIR z\n").parsed.warnings()
          == Texts{"2:9 the relative WORKDIR \"x\" depends on the base image (WorkdirRelativePath)"});
    CHECK(Planned("FROM --platform=$TARGETPLATFORM a\n").parsed.warnings().size() == 1);
    CHECK(Planned("FROM --platform=linux/amd64 a\n").parsed.warnings().size() == 1);
    CHECK(Planned("FROM a\nEXPOSE 1:2 3/TCP\n").parsed.warnings().size() == 2);
    CHECK(Planned("FROM a\nUSER ${u:?say who}\n").parsed.errors() == Texts{"2:6 u: say who"});
}

TEST_CASE("FROM should name an image by the defaults of its arguments, too") {
    const auto told = [](const std::string &text) {
        const Planned planned(text, with({{"B", "given"}}));
        return test::shown(planned.parsed.diagnostics, base::Severity::warning);
    };
    CHECK(told("ARG B\nFROM $B\n")
          == Texts{"2:6 \"$B\" comes to no image name by the defaults of its arguments "
                   "(InvalidDefaultArgInFrom)"});
    CHECK(told("ARG B\nFROM image:$B\n").size() == 1);
    CHECK(told("ARG B=1\nFROM image:$B\n").empty());
    CHECK(told("ARG B\nFROM image${B:+:$B}\n").empty());
    CHECK(told("FROM image-$TARGETARCH\n").empty());
}

TEST_CASE("an image for another platform is warned of") {
    const Planned planned("FROM other\n");
    CHECK(test::shown(planned.parsed.diagnostics, base::Severity::warning)
          == Texts{"1:6 the image other is for linux/s390x, not linux/arm64 (InvalidBaseImagePlatform)"});
}
