#include "base/error.hpp"
#include "integration/container/busybox_world.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

using namespace container;
using namespace container::test;
using Catch::Matchers::Contains;

TEST_CASE("exec runs in the container's namespaces and groups with its privileges") {
    World world;
    Spec spec = world.spec("exec sleep 100");
    spec.process.env = {"A=1"};
    spec.process.cwd = "/root";
    spec.process.user = "bob";
    spec.process.group_add = {"extra"};
    spec.namespaces.cgroup.kind = NamespaceMode::Kind::host;
    Running running(world, spec);
    const Result result =
        running.exec("echo $A $HOME; pwd; id; hostname; cat /proc/self/cgroup; ps; cat /proc/self/status");
    CHECK_THAT(result.out,
               Catch::StartsWith("1 /home/bob\n/root\nuid=1000(bob) gid=1001(bob) groups=10(wheel),20(extra),"
                                 "1001(bob)\n"
                                 + spec.hostname + "\n"));
    CHECK_THAT(result.out, Contains("0::/compose/" + spec.project + "/" + spec.id));
    CHECK_THAT(result.out, Contains("pids:/compose/" + spec.project + "/" + spec.id) || !Contains("pids:"));
    CHECK_THAT(result.out,
               Contains("sleep 100") && Contains("CapBnd:\t00000000a80425fb") && Contains("Seccomp:\t2"));
    CHECK(running.exec("exit 9").code == 9);
    CHECK(running.exec("kill -TERM $$").code == 128 + SIGTERM);
}

TEST_CASE("exec takes user, directory, environment and privileges of its own") {
    World world;
    Running running(world, world.spec("exec sleep 100"));
    ExecSpec what;
    what.user = "bob:wheel";
    what.cwd = "/tmp";
    what.env = {"B=2"};
    CHECK(running.exec("pwd; echo $B $HOME; id", what).out
          == "/tmp\n2 /home/bob\nuid=1000(bob) gid=10(wheel) groups=10(wheel)\n");
    ExecSpec privileged;
    privileged.privileged = true;
    CHECK_FALSE(contains(running.exec("grep CapEff /proc/self/status", privileged).out, "00000000a80425fb"));
}

TEST_CASE("exec tells a missing program from one that can't run") {
    World world;
    Running running(world, world.spec("exec sleep 100"));
    const auto code_of = [&](const std::string &program, const std::string &cwd) {
        ExecSpec what;
        what.argv = {program};
        what.cwd = cwd;
        try {
            running.exec("", what);
        } catch (const base::Error &error) {
            return error.exit_code();
        }
        return 0;
    };
    CHECK(code_of("nosuch", "") == 127);
    CHECK(code_of("/etc/passwd", "") == 126);
    CHECK(code_of("/proc/self/exe", "") == 126);
    CHECK(code_of("/bin/true", "/nosuch") == 126);
    ExecSpec what;
    what.user = "nosuch";
    CHECK_THROWS_WITH(running.exec("true", what), Contains("unable to find user nosuch"));
}

TEST_CASE("exec into a container that has ended says so") {
    World world;
    Running running(world, world.spec("exec sleep 100"));
    const ProcessIdentity identity = running.identity();
    send_signal(running.child->pidfd(), SIGKILL);
    running.wait();
    CHECK_THROWS_WITH(exec(running.spec, identity, {{"true"}}, world.seccomp),
                      Contains("shop-web-1 is not running"));
}

TEST_CASE("exec while the container ends is an error or an exit code, never a hang or a process left") {
    World world;
    for (int round = 0; round < 20; ++round) {
        base::Pipe release = base::make_pipe();
        Running running(world, world.spec("cat; exit 0"), {release.read.get(), -1, -1});
        release.write.reset();
        release.read.reset();
        try {
            const Result result = running.exec("sleep 100");
            CHECK(result.code == 128 + SIGKILL);
        } catch (const base::Error &error) {
            CHECK_THAT(error.what(), Contains("is not running"));
        }
        CHECK(running.wait() == 0);
        CHECK(running.cgroup.processes().empty());
    }
}

TEST_CASE("exec into a paused container is refused") {
    World world;
    Running running(world, world.spec("exec sleep 100"));
    running.cgroup.freeze();
    CHECK_THROWS_WITH(running.exec("true"), Contains("is paused"));
    running.cgroup.thaw();
    CHECK(running.exec("true").code == 0);
}

TEST_CASE("exec with a terminal") {
    World world;
    Running running(world, world.spec("exec sleep 100"));
    ExecSpec what;
    what.tty = true;
    what.user = "bob";
    what.window = {30, 100};
    const Result result = running.exec("tty; stty size; echo $TERM; stat -c %U /dev/pts/0", what);
    CHECK(result.out == "/dev/pts/0\r\n30 100\r\nxterm\r\nbob\r\n");
}

TEST_CASE(
    "exec has the container's oom score from its first instruction on, and this process keeps its own") {
    World world;
    Spec spec = world.spec("exec sleep 100");
    spec.process.oom_score_adj = 321;
    Running running(world, spec);
    for (int time = 0; time < 20; ++time)
        CHECK(running.exec("cat /proc/self/oom_score_adj").out == "321\n");
    CHECK(base::read_file("/proc/self/oom_score_adj") == "0\n");
    ExecSpec missing;
    missing.argv = {"/no/such/program"};
    CHECK_THROWS_WITH(running.exec("", missing), Contains("no such file or directory"));
}

TEST_CASE("a container with a terminal has it as its console") {
    World world;
    Spec spec =
        world.spec("tty; stty size; echo $TERM; stat -c %t:%T /dev/console /dev/pts/0; echo < /dev/tty");
    spec.process.tty = true;
    base::UniqueFd terminal;
    std::string out;
    create(world.paths, spec, {});
    Cgroup cgroup = make_cgroup(spec);
    {
        StartContext context{world.paths, cgroup, world.seccomp,         {},
                             {40, 120},   {},     OverlayApi::automatic, false};
        Child child = spawn(spec, context);
        terminal = child.take_terminal();
        child.release();
        CHECK_FALSE(child.wait_started());
        // Only then: the terminal echoes what it is given, between the lines of the program.
        char byte = 0;
        while (std::count(out.begin(), out.end(), '\n') < 5 && ::read(terminal.get(), &byte, 1) == 1)
            out += byte;
        base::write_all(terminal.get(), "\n", "terminal");
        out += drain(terminal.get());
        CHECK(wait_for(child.pidfd()) == 0);
    }
    cgroup.remove();
    remove(world.paths, spec.project, spec.id);
    CHECK_THAT(out, Contains("/dev/pts/0\r\n40 120\r\nxterm\r\n88:0\r\n88:0\r\n"));
}

TEST_CASE("init is PID 1, forwards signals, reaps orphans and passes on the exit code") {
    World world;
    Spec spec =
        world.spec("trap 'exit 5' TERM; (sleep 0.01 &) ; echo ready; while true; do sleep 0.05; done");
    spec.process.init = true;
    base::Pipe out = base::make_pipe();
    Running running(world, spec, {-1, out.write.get(), -1});
    char line[6];
    REQUIRE(::read(out.read.get(), line, sizeof line) == 6);
    const Result processes = running.exec("ps; ls -l /sbin/docker-init");
    CHECK_THAT(processes.out, Contains("1 root      0:00 /sbin/docker-init -- /bin/sh -c")
                                  || Contains("1 root     /sbin/docker-init -- /bin/sh -c"));
    send_signal(running.child->pidfd(), SIGTERM);
    CHECK(running.wait() == 5);

    spec = world.spec();
    spec.process.init = true;
    spec.process.argv = {"nosuch"};
    CHECK(world.run(spec).code == 127);
}
