// Images built from Dockerfiles, with the real kernel.
#include "base/error.hpp"
#include "engine/build/step_directory.hpp"
#include "integration/build/world.hpp"

#include <catch2/catch.hpp>

#include <sys/file.h>
#include <sys/stat.h>

using namespace build;
using namespace build::test;
using Catch::Matchers::Contains;
using Kind = BuildEvent::Kind;
using Texts = std::vector<std::string>;

namespace {

int exit_code_of_failure(World &world) {
    try {
        build::build(world.store, world.options);
    } catch (const base::Error &error) {
        return error.exit_code();
    }
    FAIL("the build succeeded");
    return 0;
}

} // namespace

TEST_CASE("a Dockerfile becomes an image in the store") {
    World world;
    world.write("app.sh", "echo app\n", 0755);
    world.dockerfile("FROM busybox\n"
                     "WORKDIR /srv/app\n"
                     "COPY app.sh .\n"
                     "RUN echo made > made && id -u\n"
                     "ENV MODE=prod\n"
                     "LABEL l=1\n"
                     "CMD [\"./app.sh\"]\n");
    const image::Image image = world.build();
    CHECK(image.names == Texts{"built:latest"});
    CHECK(image.config.cmd == Texts{"./app.sh"});
    CHECK(image.config.working_dir == "/srv/app");
    CHECK(image.config.env.back() == "MODE=prod");
    CHECK(image.config.labels.at("l") == "1");
    CHECK(image.layers.size() == 4);
    CHECK(image.config.diff_ids.size() == 4);
    REQUIRE(image.config.history.size() == 7);
    CHECK(image.config.history.back().empty_layer);
    CHECK_FALSE(image.config.history[2].empty_layer);
    CHECK(World::content(image, "/srv/app/app.sh") == "echo app\n");
    CHECK(World::content(image, "/srv/app/made") == "made\n");
    CHECK(world.output() == "0\n");
    CHECK(World::top(image) == Texts{"srv", "srv/app", "srv/app/made"});
    CHECK(world.names(Kind::started).at(1) == "[stage-0 2/4] WORKDIR /srv/app");
    CHECK(leftovers(world).empty());
}

TEST_CASE("a build that changes nothing runs nothing and gives the same image") {
    World world;
    world.write("a", "1");
    world.dockerfile("FROM busybox\nCOPY a /a\nRUN echo ran\nENV X=1\n");
    const image::Image first = world.build();
    const image::Image second = world.build();
    CHECK(first.id == second.id);
    CHECK(world.output().empty());
    CHECK(world.names(Kind::done).empty());
    CHECK(world.names(Kind::cached).size() == 3);

    world.options.no_cache = true;
    CHECK(world.build().id != first.id);
    CHECK(world.output() == "ran\n");
}

TEST_CASE("a step is run again when what it depends on changes, and those after it") {
    World world;
    world.write("a", "1");
    world.write("b", "1");
    world.dockerfile("FROM busybox\nCOPY a /a\nCOPY b /b\nRUN echo ran\n");
    const image::Image first = world.build();
    world.write("b", "2");
    CHECK(world.build().id != first.id);
    CHECK(world.output() == "ran\n");
    CHECK(world.names(Kind::cached) == Texts{"[stage-0 1/4] FROM busybox", "[stage-0 2/4] COPY a /a"});
    // The content counts, not that it was written.
    world.write("b", "1");
    CHECK(world.build().id == first.id);
    CHECK(world.output().empty());
}

TEST_CASE("arguments that a step sees are part of its key") {
    World world;
    world.dockerfile("FROM busybox\nRUN echo before\nARG V=1\nRUN echo v$V\n");
    world.build();
    CHECK(world.output() == "before\nv1\n");
    world.options.request.args["V"] = "2";
    world.build();
    CHECK(world.output() == "v2\n");
    world.build();
    CHECK(world.output().empty());
}

TEST_CASE("removed files and directories are gone in the image") {
    World world;
    world.dockerfile("FROM busybox\n"
                     "RUN mkdir -p /d/sub && echo 1 > /d/sub/f && echo 2 > /g\n"
                     "RUN rm -r /g /d && mkdir /d && echo 3 > /d/new\n");
    const image::Image image = world.build();
    CHECK(World::content(image, "/g").empty());
    CHECK(World::content(image, "/d/sub/f").empty());
    CHECK(World::content(image, "/d/new") == "3\n");
}

TEST_CASE("mount points that the image lacks do not get into it") {
    World world;
    world.dockerfile("FROM busybox\nRUN test -s /etc/resolv.conf && test -d /proc/self\n"
                     "RUN --mount=type=tmpfs,target=/deep/er touch /deep/er/x /made\n"
                     "RUN echo mine > /etc/mine\n");
    const image::Image image = world.build();
    CHECK(World::top(image) == Texts{"etc", "etc/mine"});
    REQUIRE(image.layers.size() == 3);
    CHECK(base::list_dir(image.layers[1]) == Texts{"made"});
}

TEST_CASE("nothing of an image depends on what its step's host is called, and /etc/hostname is the image's") {
    World world;
    world.dockerfile("FROM busybox\nRUN env && echo mine > /etc/hostname\n");
    const image::Image image = world.build();
    CHECK(world.output().find("HOSTNAME") == std::string::npos);
    CHECK(World::content(image, "/etc/hostname") == "mine\n");
}

TEST_CASE("an image may have no files, and others may begin with it") {
    World world;
    world.options.names = {image::Reference::parse("empty")};
    world.dockerfile("FROM scratch\nLABEL a=b\n");
    const image::Image empty = world.build();
    CHECK(empty.layers.empty());
    CHECK(empty.config.labels.at("a") == "b");
    world.write("file", "content");
    world.dockerfile("FROM empty\nCOPY file /file\n");
    CHECK(World::content(world.build(), "/file") == "content");
}

TEST_CASE("an archive that is added says nothing of the directory it is unpacked into") {
    World world;
    const std::string tar =
        image::test::TarBuilder().directory("./", 0700).file("./file", "content").finish();
    world.write("files.tar", tar);
    world.dockerfile("FROM busybox\nADD files.tar /there/\nADD files.tar /\n");
    const image::Image image = world.build();
    CHECK(World::content(image, "/there/file") == "content");

    struct stat status {};

    REQUIRE(::stat((image.layers[1] / "there").c_str(), &status) == 0);
    CHECK((status.st_mode & 07777) == 0755);
}

TEST_CASE("only the stages that the target needs are made, and files are copied between them") {
    World world;
    world.dockerfile("FROM busybox AS tool\nRUN mkdir /out && echo tool > /out/t && chown 7:8 /out/t\n"
                     "FROM busybox AS unused\nRUN false\n"
                     "FROM scratch AS small\nCOPY --from=tool /out/t /t\nCOPY --from=busybox /etc/passwd /p\n"
                     "FROM busybox AS last\nCOPY --from=small / /all/\n");
    world.options.request.target = "small";
    const image::Image small = world.build();
    CHECK(small.layers.size() == 2);
    CHECK(World::content(small, "/t") == "tool\n");

    struct stat status {};

    REQUIRE(::stat((small.layers[0] / "t").c_str(), &status) == 0);
    CHECK(status.st_uid == 7);
    CHECK(status.st_gid == 8);
    world.options.request.target = "";
    CHECK(World::content(world.build(), "/all/t") == "tool\n");
    CHECK(world.output().empty());
    CHECK(leftovers(world).empty());
}

TEST_CASE("a failing command is an error at its line, with its exit code") {
    World world;
    world.dockerfile("FROM busybox\nRUN echo said; exit 7\n");
    const std::string error = world.fails();
    CHECK_THAT(error, Contains("Dockerfile:2:1"));
    CHECK_THAT(error, Contains("exit code 7"));
    CHECK(world.output() == "said\n");
    CHECK(world.names(Kind::failed) == Texts{"[stage-0 2/2] RUN echo said; exit 7"});
    CHECK_FALSE(world.store.find("built"));
    CHECK(leftovers(world).empty());
    world.dockerfile("FROM busybox\nRUN [\"/no/such\"]\n");
    CHECK_THAT(world.fails(), Contains("/no/such"));
    world.dockerfile("FROM busybox\nCOPY missing /\n");
    CHECK_THAT(world.fails(),
               Contains("Dockerfile:2:1") && Contains("\"missing\" is not in the build context"));
    world.dockerfile("FROM busybox\nUSER nobody-here\nRUN true\n");
    CHECK_THAT(world.fails(), Contains("nobody-here"));
}

TEST_CASE("user, directory, shell, variables and here-documents reach the command") {
    World world;
    world.dockerfile(
        "FROM busybox\nENV GREETING=hello\nWORKDIR /w\nUSER app\nRUN id -u; pwd; echo $GREETING\n"
        "USER root\nRUN <<EOF\necho one\necho two\nEOF\n"
        "RUN <<E\n#!/bin/sh\necho script $0\nE\n"
        "SHELL [\"/bin/sh\", \"-ec\"]\nRUN echo $-\nRUN [\"echo\", \"$GREETING\"]\n");
    world.build();
    CHECK_THAT(world.output(), Contains("1000\n/w\nhello\none\ntwo\nscript /dev/pipes/E\n"));
    CHECK_THAT(world.output(), Contains("$GREETING\n"));
}

TEST_CASE("a step is as isolated as a service") {
    World world;
    world.dockerfile("FROM busybox\n"
                     "RUN echo pid $$; (! echo 1 > /proc/sys/kernel/panic) 2> /dev/null\n"
                     "RUN --network=none ip link | grep -c UP\n"
                     "RUN mount -t tmpfs t /tmp\n");
    CHECK_THAT(world.fails(), Contains("Dockerfile:4:1"));
    CHECK_THAT(world.output(), Contains("pid 1\n1\n"));
}

TEST_CASE("RUN --mount binds, caches, keeps in memory and gives secrets") {
    World world;
    world.write("dir/seen", "s");
    world.write("dir/hidden", "h");
    world.write("one", "1");
    world.write(".dockerignore", "dir/hidden\n");
    world.options.secrets["token"] = {"very secret", {}, {}, {}};
    world.dockerfile(
        "FROM busybox AS tool\nRUN mkdir -p /a/b && echo tool > /a/b/f\n"
        "FROM busybox\n"
        "RUN --mount=type=bind,source=dir,target=/src ls /src; ! touch /src/x\n"
        "RUN --mount=type=bind,target=/src,rw echo lost > /src/lost; ls /src\n"
        "RUN --mount=type=bind,source=one,target=/file cat /file\n"
        "RUN --mount=type=bind,from=tool,source=/a/b,target=/t cat /t/f\n"
        "RUN --mount=type=cache,target=/cache echo x >> /cache/log; wc -l < /cache/log\n"
        "RUN --mount=type=cache,target=/cache echo x >> /cache/log; wc -l < /cache/log\n"
        "RUN --mount=type=secret,id=token cat /run/secrets/token; stat -c ' %a' /run/secrets/token\n"
        "RUN --mount=type=secret,id=token,env=TOKEN echo $TOKEN\n"
        "RUN --mount=type=secret,id=none,target=/none test ! -e /none\n");
    const image::Image image = world.build();
    CHECK_THAT(world.output(), Contains("seen\n"));
    CHECK_THAT(world.output(), !Contains("hidden"));
    CHECK_THAT(world.output(), Contains("dir\nlost\none\n"));
    CHECK_THAT(world.output(), Contains("1tool\n1\n2\nvery secret 400\nvery secret\n"));
    CHECK_FALSE(base::fs::exists(world.context / "lost"));
    for (const base::fs::path &layer : image.layers)
        for (const char *name : {"src", "file", "t", "run", "none"})
            CHECK_FALSE(base::fs::exists(layer / name));
    CHECK(leftovers(world).empty());

    world.write("dir/hidden", "changed");
    world.build();
    CHECK(world.output().empty());
    world.write("dir/seen", "changed");
    world.build();
    CHECK_THAT(world.output(), Contains("seen\n"));
    world.dockerfile("FROM busybox\nRUN --mount=type=secret,id=absent,required cat /run/secrets/absent\n");
    CHECK_THAT(world.fails(), Contains("\"absent\" is required"));
}

TEST_CASE("files that a command gives to others, links and whiteouts keep what they are") {
    World world;
    world.dockerfile("FROM busybox\nRUN echo 1 > /f && chown 1000:1001 /f && chmod 4755 /f && ln /f /hard && "
                     "ln -s /f /soft\n");
    const image::Image image = world.build();

    struct stat status {};

    REQUIRE(::lstat((image.layers.back() / "f").c_str(), &status) == 0);
    CHECK(status.st_uid == 1000);
    CHECK((status.st_mode & 07777) == 04755);
    CHECK(status.st_nlink == 2);
    CHECK(base::fs::is_symlink(image.layers.back() / "soft"));
}

TEST_CASE("SOURCE_DATE_EPOCH gives the same image twice") {
    World world;
    world.write("a", "1");
    world.dockerfile("FROM busybox\nCOPY a /d/a\nRUN echo 1 > /f\nWORKDIR /w\n");
    world.options.source_date_epoch = 1'000'000'000;
    world.options.no_cache = true;
    const image::Image first = world.build();
    const image::Image second = world.build();
    CHECK(first.id == second.id);
    CHECK(first.manifest_digest == second.manifest_digest);
    CHECK(first.config.created == base::Timestamp(std::chrono::seconds(1'000'000'000)));
}

TEST_CASE("network modes and rights that were not granted are refused") {
    World world;
    world.dockerfile("FROM busybox\nRUN --network=host true\n");
    CHECK_THAT(world.fails(), Contains("--network=host is not allowed"));
    world.options.host_network = true;
    world.build();
    world.dockerfile("# syntax=docker/dockerfile:1-labs\nFROM busybox\nRUN --security=insecure true\n");
    CHECK_THAT(world.fails(), Contains("insecure is not allowed"));
}

TEST_CASE("additional contexts are directories or images") {
    World world;
    base::make_dirs(world.place.path() / "assets");
    base::write_file_atomic(world.place.path() / "assets/logo", "logo");
    world.options.contexts = {{"assets", world.place.path() / "assets"}, {"base", std::string("busybox")}};
    world.options.request.contexts = {"assets", "base"};
    world.dockerfile("FROM base\nCOPY --from=assets logo /logo\n");
    CHECK(World::content(world.build(), "/logo") == "logo");
}

TEST_CASE("what is cached survives garbage collection until everything is pruned") {
    World world;
    world.dockerfile("FROM busybox AS tool\nRUN echo ran > /t\nFROM busybox\nCOPY --from=tool /t /t\n");
    world.build();
    world.store.collect_garbage();
    world.build();
    CHECK(world.names(Kind::done).empty());
    world.store.prune(true, {});
    CHECK(base::list_dir(world.store.paths().images() / "layers").empty());
}

TEST_CASE("a build that is cancelled ends its command and leaves nothing") {
    World world;
    world.dockerfile("FROM busybox\nRUN echo begun; sleep 100\n");
    base::Pipe pipe = base::make_pipe();
    world.options.cancel_fd = pipe.read.get();
    world.options.on_event = [&](const BuildEvent &event) {
        if (event.kind == Kind::output)
            base::write_all(pipe.write.get(), "x", "pipe");
    };
    CHECK(exit_code_of_failure(world) == 130);
    CHECK(leftovers(world).empty());
}

TEST_CASE("a build that is cancelled does not wait for a cache that another build has") {
    World world;
    const std::string step = "RUN --mount=type=cache,id=locked,sharing=locked,target=/c ";
    world.dockerfile("FROM busybox\n" + step + "true\n");
    world.build();
    const base::fs::path mounts = build_directory(world.store.paths()) / "mounts";
    const base::UniqueFd other = base::open_dir(mounts / base::list_dir(mounts).at(0));
    REQUIRE(::flock(other.get(), LOCK_EX) == 0);

    world.dockerfile("FROM busybox\n" + step + "echo run\n");
    base::Pipe pipe = base::make_pipe();
    world.options.cancel_fd = pipe.read.get();
    world.options.on_event = [&](const BuildEvent &event) {
        REQUIRE(event.kind != Kind::output);
        if (event.kind == Kind::started && event.name.find("RUN") != std::string::npos)
            base::write_all(pipe.write.get(), "x", "pipe");
    };
    CHECK(exit_code_of_failure(world) == 130);
    CHECK(leftovers(world).empty());
}

TEST_CASE("stages that do not need each other are made at the same time") {
    World world;
    // Each waits for the other through the cache they share.
    world.dockerfile(
        "FROM busybox AS one\n"
        "RUN --mount=type=cache,id=meet,target=/m touch /m/1; until test -e /m/2; do sleep 0.01; done\n"
        "FROM busybox AS two\n"
        "RUN --mount=type=cache,id=meet,target=/m touch /m/2; until test -e /m/1; do sleep 0.01; done\n"
        "FROM scratch\nCOPY --from=one /etc/group /1\nCOPY --from=two /etc/group /2\n");
    world.build();
    CHECK(leftovers(world).empty());
}

TEST_CASE("whose a secret is, and its mode, come from the secret where RUN --mount does not say") {
    World world;
    world.options.secrets["token"] = {"t", 12, 34, 0440};
    world.dockerfile(
        "FROM busybox\n"
        "RUN --mount=type=secret,id=token stat -c '%u:%g %a' /run/secrets/token\n"
        "RUN --mount=type=secret,id=token,uid=56,mode=0400 stat -c '%u:%g %a' /run/secrets/token\n");
    world.build();
    CHECK(world.output() == "12:34 440\n56:34 400\n");
}

TEST_CASE("a step that needs more memory than it is given is killed") {
    World world;
    world.options.memory = base::Bytes{16 << 20};
    world.dockerfile("FROM busybox\nRUN dd if=/dev/zero of=/dev/null bs=64M count=1 && echo enough\n");
    CHECK_THAT(world.fails(), Contains("Dockerfile:2:1") && Contains("exit code"));
    world.options.memory.reset();
    world.build();
    CHECK_THAT(world.output(), Contains("enough"));
}

TEST_CASE("a bound context is root's, whoever owns it") {
    World world;
    world.write("dir/file", "x");
    world.write("dir/inner/more", "x");
    world.write("dir/inner/hidden", "x");
    world.write("others", "x");
    world.write(".dockerignore", "dir/inner/hidden\n");
    for (const char *each : {".", "dir", "dir/file", "dir/inner", "dir/inner/more"})
        REQUIRE(::chown((world.context / each).c_str(), 1234, 5678) == 0);
    REQUIRE(::chown((world.context / "others").c_str(), 42, 43) == 0);
    world.dockerfile(
        "FROM busybox\n"
        "RUN --mount=type=bind,target=/src cd /src && stat -c '%n %u:%g' . dir dir/file dir/inner "
        "dir/inner/more "
        "others\n"
        "RUN --mount=type=bind,source=dir/file,target=/file stat -c '%n %u:%g' /file\n"
        "RUN --mount=type=bind,source=dir/file,target=/file,rw stat -c '%n %u:%g' /file && echo y > /file\n"
        "RUN --mount=type=bind,source=dir,target=/src,rw cd /src && echo y >> file && stat -c '%n %u:%g' "
        "file\n");
    world.build();
    CHECK(world.output()
          == ". 0:0\ndir 0:0\ndir/file 0:0\ndir/inner 0:0\ndir/inner/more 0:0\nothers 42:43\n/file 0:0\n"
             "/file 0:0\nfile 0:0\n");
    CHECK(base::read_file(world.context / "dir/file") == "x");
    CHECK(leftovers(world).empty());
}
