#include "integration/container/busybox_world.hpp"

#include <catch2/catch.hpp>

#include <sys/prctl.h>
#include <sys/wait.h>

#include <csignal>
#include <unistd.h>

using namespace container;
using namespace container::test;
using Catch::Matchers::Contains;
using Kind = NamespaceMode::Kind;

namespace {

std::string own(const char *name) {
    return base::fs::read_symlink(std::string("/proc/self/ns/") + name).string();
}

constexpr const char *list = "for n in pid net ipc uts cgroup mnt; do readlink /proc/self/ns/$n; done";

} // namespace

TEST_CASE("a container has every namespace for itself") {
    World world;
    const Result result = world.run(world.spec(list));
    for (const char *name : {"pid", "net", "ipc", "uts", "cgroup", "mnt"})
        CHECK_FALSE(contains(result.out, own(name)));
    CHECK(world.run(world.spec("echo $$")).out == "1\n");
}

TEST_CASE("the host's namespaces are shared where asked") {
    World world;
    Spec spec = world.spec(list);
    spec.namespaces.pid.kind = spec.namespaces.network.kind = spec.namespaces.ipc.kind =
        spec.namespaces.uts.kind = spec.namespaces.cgroup.kind = Kind::host;
    const Result result = world.run(spec);
    for (const char *name : {"pid", "net", "ipc", "uts", "cgroup"})
        CHECK_THAT(result.out, Contains(own(name)));
    CHECK_FALSE(contains(result.out, own("mnt")));
}

TEST_CASE("a network of none has its loopback up and nothing else") {
    World world;
    Spec spec = world.spec("ip -o addr | grep -c 127.0.0.1; ip -o link | wc -l");
    spec.namespaces.network.kind = Kind::none;
    const std::string out = world.run(spec).out;
    CHECK_THAT(out, Catch::StartsWith("1\n"));
}

TEST_CASE("a container shares the namespaces of another, and its /dev/shm") {
    World world;
    Spec owner = world.spec("touch /dev/shm/mark; exec sleep 100");
    owner.namespaces.ipc_shareable = true;
    owner.hostname = "owner";
    Running running(world, owner);
    world.join[owner.id] = running.child->pidfd();
    while (!running.exec("test -e /dev/shm/mark").code == 0) {
    }

    Spec guest =
        world.spec("for n in pid net ipc uts; do readlink /proc/1/ns/$n; readlink /proc/self/ns/$n; done; ls "
                   "/dev/shm; hostname; ps | grep -c '[s]leep 100'");
    for (NamespaceMode *mode :
         {&guest.namespaces.pid, &guest.namespaces.network, &guest.namespaces.ipc, &guest.namespaces.uts})
        *mode = {Kind::container, owner.id};
    guest.security.cap_add = {"SYS_PTRACE"}; // to look at the namespaces of PID 1
    const Result result = world.run(guest);
    const std::string inside = running.exec(list).out;
    for (const std::string &line : {inside.substr(0, inside.find('\n'))})
        CHECK_THAT(result.out, Contains(line));
    CHECK_THAT(result.out, Contains("mark\nowner\n1\n"));
    CHECK(base::fs::read_symlink("/proc/self/ns/pid_for_children").string() == own("pid"));
}

TEST_CASE("namespaces of a container that does not run are refused") {
    World world;
    Spec guest = world.spec();
    guest.namespaces.network = {Kind::container, std::string(64, 'a')};
    CHECK_THROWS_WITH(world.run(guest),
                      Contains("container aaaaaaaaaaaa, whose namespaces are shared, is not running"));
}

TEST_CASE("a starter that is killed before the release takes its child along") {
    World world;
    const Spec spec = world.spec("touch /ran; sleep 100");
    create(world.paths, spec, {});
    Cgroup cgroup = make_cgroup(spec);
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    base::Pipe ready = base::make_pipe();
    const pid_t starter = ::fork();
    REQUIRE(starter >= 0);
    if (starter == 0) {
        try {
            Child child =
                spawn(spec, {world.paths, cgroup, world.seccomp, {}, {}, {}, OverlayApi::automatic, true});
            base::write_all(ready.write.get(), "x", "");
            ::pause();
        } catch (...) {
            ::_exit(2);
        }
        ::_exit(1);
    }
    ready.write.reset();
    char byte;
    REQUIRE(::read(ready.read.get(), &byte, 1) == 1);
    CHECK(cgroup.processes().size() == 1);
    ::kill(starter, SIGKILL);
    while (::waitpid(-1, nullptr, __WALL) > 0) {
    }
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
    CHECK(cgroup.processes().empty());
    CHECK_FALSE(base::fs::exists(world.paths.container(spec.project, spec.id) / "upper/ran"));
    cgroup.remove();
}
