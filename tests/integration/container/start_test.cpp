#include "base/error.hpp"
#include "integration/container/busybox_world.hpp"

#include <catch2/catch.hpp>

#include <thread>

using namespace container;
using namespace container::test;
using Catch::Matchers::Contains;

TEST_CASE("a container runs its command and its exit code and output come back") {
    World world;
    const Result result = world.run(world.spec("echo out; echo err >&2; exit 7"));
    CHECK(result.code == 7);
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
}

TEST_CASE("a command is looked up in the PATH of the container") {
    World world;
    Spec spec = world.spec();
    spec.process.argv = {"echo", "found"};
    CHECK(world.run(spec).out == "found\n");
}

TEST_CASE("a command that does not exist is failure 127 of the exec stage") {
    World world;
    Spec spec = world.spec();
    spec.process.argv = {"nosuch"};
    const Result bare = world.run(spec);
    REQUIRE(bare.failure);
    CHECK(bare.code == 127);
    CHECK(bare.failure->message() == "exec \"nosuch\": executable file not found in $PATH");

    spec = world.spec();
    spec.process.argv = {"/nosuch/program"};
    const Result absolute = world.run(spec);
    CHECK(absolute.code == 127);
    CHECK(absolute.failure->message() == "exec \"/nosuch/program\": no such file or directory");
}

TEST_CASE("a command that can't be executed is failure 126") {
    World world;
    for (const char *path : {"/etc", "/etc/passwd"}) {
        Spec spec = world.spec();
        spec.process.argv = {path};
        const Result result = world.run(spec);
        REQUIRE(result.failure);
        CHECK(result.code == 126);
        CHECK(result.failure->error == EACCES);
    }
}

TEST_CASE("a script whose interpreter is missing says so") {
    World world;
    base::write_file_atomic(world.directory() / "image/script", "#!/bin/bash\r\n", 0755);
    Spec spec = world.spec();
    spec.process.argv = {"/script"};
    const Result result = world.run(spec);
    REQUIRE(result.failure);
    CHECK(result.failure->stage == StartStage::interpreter);
    CHECK(result.code == 127);
}

TEST_CASE("the program of the host that is /proc/self/exe can't be executed") {
    World world;
    base::fs::create_symlink("/proc/self/exe", world.directory() / "image/entry");
    for (const char *path : {"/proc/self/exe", "/entry"}) {
        Spec spec = world.spec();
        spec.process.argv = {path};
        spec.process.rlimits = {{"nofile", 1, 1}};
        const Result result = world.run(spec);
        REQUIRE(result.failure);
        CHECK(result.code == 126);
    }
}

TEST_CASE("a working directory is made when it is missing, and refused when it is a file") {
    World world;
    Spec spec = world.spec("pwd; stat -c %u:%a .");
    spec.process.cwd = "/new/dir";
    spec.process.user = "1000:1000";
    CHECK(world.run(spec).out == "/new/dir\n0:755\n");
    spec = world.spec();
    spec.process.cwd = "/etc/passwd";
    const Result result = world.run(spec);
    REQUIRE(result.failure);
    CHECK(result.failure->stage == StartStage::cwd);
    CHECK(result.failure->error == ENOTDIR);
    CHECK(result.failure->subject == "/etc/passwd");
}

TEST_CASE("a mount that fails is named with its target") {
    World world;
    base::make_dirs(world.directory() / "source");
    Spec spec = world.spec();
    spec.mounts.push_back({"/etc/passwd", false, BindMount{world.directory() / "source"}});
    const Result result = world.run(spec);
    REQUIRE(result.failure);
    CHECK(result.failure->stage == StartStage::mount);
    CHECK(result.failure->message() == "mount /etc/passwd: Not a directory");
}

TEST_CASE("an unknown user is refused before there is a process") {
    World world;
    Spec spec = world.spec();
    spec.process.user = "nosuch";
    CHECK_THROWS_WITH(world.run(spec), "unable to find user nosuch: no matching entries in passwd file");
}

TEST_CASE("a missing bind source is refused when the container is created, and nothing stays") {
    World world;
    Spec spec = world.spec();
    spec.mounts.push_back({"/data", false, BindMount{world.directory() / "missing"}});
    CHECK_THROWS_WITH(create(world.paths, spec, {}), Contains("missing: No such file or directory"));
    CHECK(base::list_dir(world.paths.container(spec.project, spec.id).parent_path()).empty());
}

TEST_CASE("a child that is abandoned before its release leaves no process") {
    World world;
    const Spec spec = world.spec("touch /ran");
    create(world.paths, spec, {});
    Cgroup cgroup = make_cgroup(spec);
    {
        Child child =
            spawn(spec, {world.paths, cgroup, world.seccomp, {}, {}, {}, OverlayApi::automatic, false});
        CHECK(child.take_netns().valid());
        CHECK_FALSE(child.outcome().decided);
    }
    CHECK(cgroup.processes().empty());
    CHECK_FALSE(base::fs::exists(world.paths.container(spec.project, spec.id) / "upper/ran"));
    cgroup.remove();
}

TEST_CASE("exit codes, signals and environment are the program's own") {
    World world;
    CHECK(world.run(world.spec("kill -9 $$")).code == 0); // PID 1 can't be killed from inside
    Spec spec = world.spec("env");
    spec.process.env = {"A=1", "B=two words"};
    const Result result = world.run(spec);
    CHECK_THAT(result.out, Contains("A=1\n") && Contains("B=two words\n") && Contains("HOME=/root\n"));
    CHECK_THAT(result.out, Contains("HOSTNAME=" + spec.hostname + "\n"));
    CHECK_THAT(result.out, Contains("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"));
}

TEST_CASE("containers starting at once do not wait for one another") {
    World world;
    constexpr int count = 8;
    std::vector<Spec> specs;
    std::vector<Cgroup> cgroups;
    for (int index = 0; index < count; ++index) {
        specs.push_back(world.spec("exec sleep 100"));
        create(world.paths, specs.back(), {});
        cgroups.push_back(make_cgroup(specs.back()));
    }
    std::vector<std::optional<Child>> children(count);
    std::vector<std::thread> threads;
    for (int index = 0; index < count; ++index)
        threads.emplace_back([&, index] {
            children[index] =
                spawn(specs[index],
                      {world.paths, cgroups[index], world.seccomp, {}, {}, {}, OverlayApi::automatic, false});
        });
    for (std::thread &thread : threads)
        thread.join();
    // The others, still before their release, hold nothing of the one that starts.
    for (std::optional<Child> &child : children) {
        child->release();
        CHECK_FALSE(child->wait_started());
    }
    for (int index = 0; index < count; ++index) {
        children[index]->abandon();
        cgroups[index].remove();
        remove(world.paths, specs[index].project, specs[index].id);
    }
}

TEST_CASE("a container starts again with what it wrote, and its host names anew") {
    World world;
    const Spec spec = world.spec("cat /count; echo x >> /count; tail -n 1 /etc/hosts");
    create(world.paths, spec, {});
    const base::fs::path directory = world.paths.container(spec.project, spec.id);
    CHECK(read_spec(directory) == spec);
    Cgroup cgroup = make_cgroup(spec);
    for (const std::string expected : {"10.0.0.1\tweb\n", "x\n10.0.0.2\tweb\n"}) {
        base::Pipe out = base::make_pipe();
        const std::string address = contains(expected, "x") ? "10.0.0.2" : "10.0.0.1";
        Child child = spawn(spec, {world.paths,
                                   cgroup,
                                   world.seccomp,
                                   {-1, out.write.get(), -1},
                                   {},
                                   {},
                                   OverlayApi::automatic,
                                   false});
        out.write.reset();
        write_hosts(directory, spec, {}, {{address, {"web"}}});
        child.release();
        REQUIRE_FALSE(child.wait_started());
        CHECK(drain(out.read.get()) == expected);
        wait_for(child.pidfd());
    }
    cgroup.remove();
    remove(world.paths, spec.project, spec.id);
}

TEST_CASE("what was created twice, or needs what is not supported, is refused") {
    World world;
    Spec spec = world.spec();
    create(world.paths, spec, {});
    CHECK_THROWS_AS(create(world.paths, spec, {}), base::SystemError);
    CHECK(read_spec(world.paths.container(spec.project, spec.id)) == spec);
    remove(world.paths, spec.project, spec.id);
    CHECK_NOTHROW(remove(world.paths, spec.project, spec.id));
    spec.namespaces.uid_map = spec.namespaces.gid_map = {{0, 100000, 65536}};
    spec.security.privileged = true;
    CHECK_THROWS_WITH(create(world.paths, spec, {}),
                      "a privileged container can't have a user namespace of its own");
}
