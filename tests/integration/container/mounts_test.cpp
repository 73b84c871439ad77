#include "integration/container/busybox_world.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <unistd.h>

using namespace container;
using namespace container::test;
using Catch::Matchers::Contains;

TEST_CASE("an empty volume gets the image's content with owners and modes, a used one is left alone") {
    World world;
    const base::fs::path home = world.directory() / "image/home/bob";
    base::write_file_atomic(home / "file", "image", 0640);
    base::fs::create_symlink("file", home / "link");
    base::fs::create_hard_link(home / "file", home / "twin");
    REQUIRE(::chown((home / "file").c_str(), 1000, 1001) == 0);
    REQUIRE(::chown(home.c_str(), 1000, 1001) == 0);
    REQUIRE(::chmod(home.c_str(), 02750) == 0);
    const base::fs::path volume = world.directory() / "volume";
    base::make_dirs(volume);

    Spec spec = world.spec("stat -c %u:%g:%a:%h /home/bob/file; stat -c %u:%g:%a /home/bob; readlink "
                           "/home/bob/link; ls -a /home/bob; echo changed > /home/bob/file");
    spec.mounts.push_back({"/home/bob", false, VolumeMount{"data", volume, "", true}});
    CHECK(world.run(spec).out == "1000:1001:640:2\n1000:1001:2750\nfile\n.\n..\nfile\nlink\ntwin\n");
    spec.id[0] = spec.id[0] == 'a' ? 'b' : 'a';
    spec.process.argv = {"/bin/cat", "/home/bob/file"};
    CHECK(world.run(spec).out == "changed\n");
}

TEST_CASE("an interrupted copy into a volume is completed, keeping what is there") {
    World world;
    base::write_file_atomic(world.directory() / "image/home/bob/first", "image");
    base::write_file_atomic(world.directory() / "image/home/bob/second", "image");
    const base::fs::path volume = world.directory() / "volume";
    base::make_dirs(volume);
    base::write_file_atomic(volume / ".compose-filling", "");
    base::write_file_atomic(volume / ".compose-partial", "ima");
    base::write_file_atomic(volume / "first", "already");
    Spec spec = world.spec("cat /home/bob/first /home/bob/second; ls -A /home/bob");
    spec.mounts.push_back({"/home/bob", false, VolumeMount{"data", volume, "", true}});
    CHECK(world.run(spec).out == "alreadyimagefirst\nsecond\n");
}

TEST_CASE("nocopy leaves a volume empty, a subpath mounts a part of it") {
    World world;
    base::write_file_atomic(world.directory() / "image/home/bob/file", "image");
    const base::fs::path volume = world.directory() / "volume";
    base::make_dirs(volume);
    Spec spec = world.spec("ls /home/bob | wc -l");
    spec.mounts.push_back({"/home/bob", false, VolumeMount{"data", volume, "", false}});
    CHECK(world.run(spec).out == "0\n");

    base::make_dirs(volume / "part");
    base::write_file_atomic(volume / "part/inner", "");
    Spec part = world.spec("ls /data");
    part.mounts.push_back({"/data", false, VolumeMount{"data", volume, "part", true}});
    CHECK(world.run(part).out == "inner\n");
    part.mounts[0].source = VolumeMount{"data", volume, "absent", true};
    CHECK_THROWS_WITH(world.run(part), Contains("absent of volume data"));
}

TEST_CASE("bind mounts: a directory, a file, read-only, inside one another, and a source that is made") {
    World world;
    const base::fs::path outside = world.directory() / "outside";
    base::make_dirs(outside);
    base::write_file_atomic(outside / "file", "content\n");
    Spec spec =
        world.spec("cat /data/file /etc/app.conf; touch /data/x 2>/dev/null || echo ro; touch /data/inner/y; "
                   "touch /made/z");
    spec.mounts.push_back({"/data/inner", false, BindMount{world.directory() / "inner", true}});
    spec.mounts.push_back({"/data", true, BindMount{outside}});
    spec.mounts.push_back({"/etc/app.conf", true, BindMount{outside / "file"}});
    spec.mounts.push_back({"/made", false, BindMount{world.directory() / "made", true}});
    base::make_dirs(outside / "inner");
    CHECK(world.run(spec).out == "content\ncontent\nro\n");
    CHECK(base::fs::exists(world.directory() / "inner/y"));
    CHECK(base::fs::exists(world.directory() / "made/z"));
}

TEST_CASE("a mount target that is a link in the image stays inside the container") {
    World world;
    base::make_dirs(world.directory() / "source");
    base::write_file_atomic(world.directory() / "source/mark", "");
    base::make_dirs(world.directory() / "image/opt/inside");
    base::fs::create_symlink("../../../../../../../opt/inside", world.directory() / "image/link");
    Spec spec = world.spec("ls /link /opt/inside");
    spec.mounts.push_back({"/link", false, BindMount{world.directory() / "source"}});
    CHECK(world.run(spec).out == "/link:\nmark\n\n/opt/inside:\nmark\n");
}

TEST_CASE("tmpfs mounts take their options, and else the mode of what they cover") {
    World world;
    ::chmod((world.directory() / "image/root").c_str(), 0700);
    Spec spec =
        world.spec("stat -c %a:%u:%g /tm /root /fresh; grep -E ' /(tm|fresh|open) ' /proc/self/mountinfo; "
                   "touch /few/1 2>&1; touch /few/2 2>&1");
    spec.mounts = {parse_tmpfs("/tm:size=1m,mode=1750,uid=5,gid=6"), parse_tmpfs("/root"),
                   parse_tmpfs("/fresh:noatime,nodiratime"), parse_tmpfs("/open:exec,suid,dev,ro"),
                   parse_tmpfs("/few:nr_inodes=2,nr_blocks=1k")};
    const Result result = world.run(spec);
    CHECK_THAT(result.out, Catch::StartsWith("1750:5:6\n700:0:0\n1777:0:0\n"));
    CHECK_THAT(result.out,
               Contains("/tm rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,size=1024k,mode=1750,uid=5"));
    CHECK_THAT(result.out, Contains("/open ro,relatime"));
    CHECK_THAT(result.out, Contains("/fresh rw,nosuid,nodev,noexec,noatime,nodiratime - "));
    CHECK_THAT(result.out, Contains("/few/2: No space left on device"));
    CHECK_THAT(result.out, !Contains("/few/1"));
}

TEST_CASE("granted files have their owner and mode and are not on disk in the image") {
    World world;
    Spec spec =
        world.spec("stat -c %u:%g:%a /run/secrets/password /etc/app/app.conf; cat /run/secrets/password "
                   "/etc/app/app.conf; df -t tmpfs /run/secrets/password | wc -l");
    spec.files.push_back({"/run/secrets/password", 1000, 1001, 0400, "hunter2\n"});
    spec.files.push_back({"/etc/app/app.conf", 0, 0, 0444, "conf\n"});
    const Result result = world.run(spec);
    CHECK_THAT(result.out, Catch::StartsWith("1000:1001:400\n0:0:444\nhunter2\nconf\n"));
    CHECK(result.code == 0);
}

TEST_CASE("mounts of the host that come and go are not seen by a private bind") {
    World world;
    base::make_dirs(world.directory() / "outside");
    Spec spec = world.spec("exec sleep 100");
    spec.mounts.push_back({"/data", false, BindMount{world.directory() / "outside"}});
    Running running(world, spec);
    CHECK(running.exec("grep ' /data ' /proc/self/mountinfo | grep -c -E 'shared|master'").out == "0\n");
}
