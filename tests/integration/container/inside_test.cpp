// What a container sees, held against what Docker 26.1 shows on the same kernel.
#include "integration/container/busybox_world.hpp"

#include <catch2/catch.hpp>

#include <sys/stat.h>

#include <unistd.h>

using namespace container;
using namespace container::test;
using Catch::Matchers::Contains;

TEST_CASE("the mounts are Docker's, with their flags") {
    World world;
    const Result result = world.run(world.spec("cat /proc/self/mountinfo"));
    for (const char *mount :
         {" / / rw,relatime - overlay overlay ", " / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw",
          " / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755",
          " / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5,mode=620,ptmxmode=666",
          " / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs r",
          " / /dev/mqueue rw,nosuid,nodev,noexec,relatime - mqueue mqueue rw",
          " / /dev/shm rw,nosuid,nodev,noexec,relatime - tmpfs shm rw,size=65536k", " /etc/resolv.conf rw,",
          " /etc/hostname rw,", " /etc/hosts rw,", " /bus /proc/bus ro,nosuid,nodev,noexec,relatime - proc",
          " /fs /proc/fs ro,nosuid,nodev,noexec,relatime - proc",
          " /irq /proc/irq ro,nosuid,nodev,noexec,relatime - proc",
          " /sys /proc/sys ro,nosuid,nodev,noexec,relatime - proc", " /null /proc/keys rw,nosuid",
          " /null /proc/timer_list rw,nosuid"})
        CHECK_THAT(result.out, Contains(mount));
    for (const char *masked : {"/proc/acpi", "/sys/firmware"})
        if (::access(masked, F_OK) == 0)
            CHECK_THAT(result.out, Contains(std::string(" / ") + masked + " ro,relatime - tmpfs tmpfs r"));
    CHECK_FALSE(contains(result.out, "/dev/console"));
}

TEST_CASE("masked paths are empty and read-only ones can't be written") {
    World world;
    const Result result =
        world.run(world.spec("cat /proc/keys /proc/timer_list | wc -c; ls /sys/firmware | wc -l; "
                             "(echo 1 > /proc/sys/kernel/panic) 2>&1 | grep -c Read-only"));
    CHECK(result.out == "0\n0\n1\n");
}

TEST_CASE("privileged containers see everything and may write it") {
    World world;
    Spec spec = world.spec("grep -c -E ' /proc/(bus|keys|sys) ' /proc/self/mountinfo; grep -c ' /sys rw' "
                           "/proc/self/mountinfo; grep -E 'CapEff|Seccomp:' /proc/self/status; ls /dev/kmsg");
    spec.security.privileged = true;
    const Result result = world.run(spec);
    char expected[32];
    std::snprintf(expected, sizeof expected, "%016llx",
                  static_cast<unsigned long long>((all_capabilities() & available_capabilities()).bits()));
    CHECK_THAT(result.out, Catch::StartsWith("0\n1\n"));
    CHECK_THAT(result.out, Contains(std::string("CapEff:\t") + expected) && Contains("Seccomp:\t0"));
    CHECK_THAT(result.out, Contains("/dev/kmsg"));
}

TEST_CASE("/dev holds Docker's nodes and links") {
    World world;
    const Result result =
        world.run(world.spec("ls /dev; stat -c %n:%t:%T:%a /dev/null /dev/tty; readlink /dev/fd; "
                             "readlink /dev/ptmx; echo x > /dev/null && head -c 3 /dev/zero | wc -c"));
    CHECK_THAT(
        result.out,
        Contains("fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\n"
                 "zero\n/dev/null:1:3:666\n/dev/tty:5:0:666\n/proc/self/fd\npts/ptmx\n3\n"));
}

TEST_CASE("devices are added with their number, below /dev and elsewhere, and others can't be opened") {
    World world;
    Spec spec = world.spec(
        "stat -c %t:%T:%a /dev/mine/null /opt/zero; head -c 2 /opt/zero | wc -c; mknod /dev/kmsg c 1 11; "
        "cat /dev/kmsg 2>&1 | head -n 1");
    spec.devices = {{"/dev/null", "/dev/mine/null", "rwm"}, {"/dev/zero", "/opt/zero", "r"}};
    const Result result = world.run(spec);
    CHECK(result.out == "1:3:666\n1:5:666\n2\ncat: can't open '/dev/kmsg': Operation not permitted\n");
    spec.devices = {{"/dev/nosuch", "/dev/nosuch", "rwm"}};
    CHECK_THROWS_WITH(world.run(spec), Contains("use device /dev/nosuch"));
}

TEST_CASE("capabilities, privileges and filter of the process are Docker's defaults") {
    World world;
    const std::string script = "grep -E 'Cap|NoNew|Seccomp|Groups' /proc/self/status";
    const Result root = world.run(world.spec(script));
    CHECK_THAT(root.out, Contains("CapInh:\t0000000000000000") && Contains("CapPrm:\t00000000a80425fb")
                             && Contains("CapEff:\t00000000a80425fb") && Contains("CapBnd:\t00000000a80425fb")
                             && Contains("CapAmb:\t0000000000000000"));
    CHECK_THAT(root.out, Contains("NoNewPrivs:\t0\n") && Contains("Seccomp:\t2\n") && Contains("Groups:\t0"));
    Spec spec = world.spec(script);
    spec.process.user = "bob";
    const Result bob = world.run(spec);
    CHECK_THAT(bob.out, Contains("CapEff:\t0000000000000000") && Contains("CapBnd:\t00000000a80425fb"));
    spec = world.spec(script);
    spec.security.no_new_privileges = true;
    spec.security.cap_drop = {"ALL"};
    spec.security.cap_add = {"NET_ADMIN"};
    const Result narrow = world.run(spec);
    CHECK_THAT(narrow.out, Contains("CapEff:\t0000000000001000") && Contains("CapBnd:\t0000000000001000")
                               && Contains("NoNewPrivs:\t1") && Contains("Seccomp:\t2"));
    spec.security.seccomp_unconfined = true;
    CHECK_THAT(world.run(spec).out, Contains("Seccomp:\t0"));
}

TEST_CASE("users come by name and number, with the groups of the image") {
    World world;
    const auto identity = [&](const std::string &user, std::vector<std::string> groups) {
        Spec spec = world.spec("id; echo $HOME");
        spec.process.user = user;
        spec.process.group_add = std::move(groups);
        return world.run(spec).out;
    };
    CHECK(identity("bob", {"extra", "77"})
          == "uid=1000(bob) gid=1001(bob) groups=10(wheel),20(extra),77,1001(bob)\n/home/bob\n");
    CHECK(identity("bob:wheel", {}) == "uid=1000(bob) gid=10(wheel) groups=10(wheel)\n/home/bob\n");
    CHECK(identity("1000", {}) == "uid=1000(bob) gid=1001(bob) groups=10(wheel),1001(bob)\n/home/bob\n");
    CHECK(identity("4242", {}) == "uid=4242 gid=0(root) groups=0(root)\n/\n");
    CHECK(identity("1000:1000", {}) == "uid=1000(bob) gid=1000 groups=1000\n/home/bob\n");
}

TEST_CASE("a user that is not root can reopen its standard output") {
    World world;
    Spec spec = world.spec("echo again > /dev/stdout");
    spec.process.user = "bob";
    CHECK(world.run(spec).out == "again\n");
}

TEST_CASE("host name, domain, hosts and resolv.conf") {
    World world;
    Spec spec =
        world.spec("hostname; cat /proc/sys/kernel/domainname /etc/hostname /etc/hosts /etc/resolv.conf");
    spec.hostname = "web";
    spec.domainname = "example.org";
    spec.extra_hosts = {{"foo", "1.2.3.4"}, {"hg", "host-gateway"}};
    spec.dns_search = {"example.com"};
    const CreateOptions options{"10.0.0.1", "/etc/resolv.conf", "/etc/hosts"};
    const Result result = world.run(spec, [&](Child &) {
        write_hosts(world.paths.container(spec.project, spec.id), spec, options,
                    {{"10.0.0.9", own_names(spec)}});
    });
    CHECK_THAT(result.out, Catch::StartsWith("web\nexample.org\nweb\n127.0.0.1\tlocalhost\n"));
    CHECK_THAT(result.out, Contains("1.2.3.4\tfoo\n10.0.0.1\thg\n10.0.0.9\tweb.example.org web\n"));
    CHECK_THAT(result.out, Contains("nameserver 127.0.0.11\nsearch example.com\noptions ndots:0\n"));
}

TEST_CASE("ulimits, sysctls, shm size and oom score reach the process") {
    World world;
    Spec spec = world.spec(
        "grep 'open files' /proc/self/limits; cat /proc/sys/net/core/somaxconn "
        "/proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax /proc/self/oom_score_adj; "
        "df -k /dev/shm | grep -c ' 1024 '; umask");
    spec.process.rlimits = {{"nofile", 10, 20}};
    spec.sysctls = {{"net.core.somaxconn", "77"}, {"kernel.msgmax", "1000"}};
    spec.shm_size = {1 << 20};
    spec.process.oom_score_adj = 321;
    const Result result = world.run(spec);
    CHECK_THAT(result.out, Contains(" 10                   20 "));
    CHECK_THAT(result.out, Contains("\n77\n0\n1000\n321\n1\n0022\n"));
    CHECK(base::read_file("/proc/self/oom_score_adj") == "0\n");
    spec.sysctls = {{"kernel.panic", "1"}};
    CHECK_THROWS_WITH(world.run(spec), Contains("kernel.panic is not separate"));
}

TEST_CASE("the process is in its control groups, and sees them as its own root") {
    World world;
    Spec spec = world.spec("cat /proc/self/cgroup; cat /sys/fs/cgroup/pids/pids.max 2>/dev/null || cat "
                           "/sys/fs/cgroup/pids.max; touch /sys/fs/cgroup/pids/x 2>/dev/null || echo ro");
    spec.resources.pids_limit = 33;
    const Result result = world.run(spec);
    CHECK_THAT(result.out, Contains("0::/\n") && Contains("33\nro\n"));
    CHECK_FALSE(contains(result.out, spec.id));
    spec.namespaces.cgroup.kind = NamespaceMode::Kind::host;
    spec.process.argv = {"/bin/cat", "/proc/self/cgroup"};
    CHECK_THAT(world.run(spec).out, Contains("/" + spec.id));
}
