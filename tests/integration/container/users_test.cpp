// Containers with a user namespace of their own. Where the kernel can't id-map the file system the test's
// store is on, each of these tests wants to be told so.
#include "engine/container/id_blocks.hpp"
#include "engine/container/id_map.hpp"
#include "engine/container/mount_namespace.hpp"
#include "integration/container/busybox_world.hpp"

#include <catch2/catch.hpp>

#include <linux/magic.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include <csignal>
#include <sstream>
#include <unistd.h>

using namespace container;
using namespace container::test;
using Catch::Matchers::Contains;
using Kind = NamespaceMode::Kind;

namespace {

Spec own_users(const World &world, const std::string &script) {
    Spec spec = world.spec(script);
    spec.namespaces.own_users = true;
    give_ids(world.paths, spec);
    return spec;
}

// tmpfs learned it in Linux 6.3, overlay takes id-mapped layers since 5.19.
bool kernel_can(const World &world) {
    utsname name{};
    ::uname(&name);
    int major = 0, minor = 0;
    char dot = 0;
    std::istringstream(name.release) >> major >> dot >> minor;

    struct statfs status {};

    REQUIRE(::statfs(world.directory().c_str(), &status) == 0);
    return std::pair(major, minor) >= (status.f_type == TMPFS_MAGIC ? std::pair(6, 3) : std::pair(5, 19));
}

// False when the kernel can't, and the container was refused for that.
bool works(World &world) {
    if (kernel_can(world))
        return true;
    CHECK_THROWS_WITH(world.run(own_users(world, "true")), Contains("id-mapped"));
    return false;
}

struct stat status_of(const base::fs::path &path) {
    struct stat status {};

    REQUIRE(::lstat(path.c_str(), &status) == 0);
    return status;
}

VolumeMount volume_in(const World &world, uid_t owner) {
    const base::fs::path data = world.directory() / "volume";
    base::make_dirs(data);
    REQUIRE(::chown(data.c_str(), owner, owner) == 0);
    VolumeMount volume;
    volume.name = "data";
    volume.source = data;
    return volume;
}

// A hard limit of this process that only the host's root can pass.
class LowHardLimit {
  public:
    LowHardLimit() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const rlimit low{800, 800};
        REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    }

    ~LowHardLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

    LowHardLimit(const LowHardLimit &) = delete;
    LowHardLimit &operator=(const LowHardLimit &) = delete;

  private:
    rlimit before_{};
};

} // namespace

TEST_CASE("root of a container with its own users is somebody else on the host") {
    World world;
    if (!works(world))
        return;
    Running running(world, own_users(world, "exec sleep 100"));
    const std::uint32_t first = running.spec.namespaces.uid_map.front().outside;
    const std::string proc = "/proc/" + std::to_string(running.child->pid());
    CHECK_THAT(base::read_file(proc + "/status"),
               Contains("Uid:\t" + std::to_string(first) + "\t" + std::to_string(first) + "\t"));
    std::istringstream map(running.exec("cat /proc/self/uid_map /proc/self/gid_map").out);
    for (int line = 0; line < 2; ++line) {
        IdMapping range;
        map >> range.inside >> range.outside >> range.size;
        CHECK(range == running.spec.namespaces.uid_map.front());
    }
    CHECK(running.exec("id -u; id -g; id -G").out == "0\n0\n0\n");
    CHECK_FALSE(running.exec("readlink /proc/self/ns/user").out
                == base::fs::read_symlink("/proc/self/ns/user").string() + "\n");
}

TEST_CASE("what a container with its own users is given belongs to its root") {
    World world;
    if (!works(world))
        return;
    const Spec spec = own_users(
        world,
        "for f in / /bin /bin/busybox /etc /etc/hosts /etc/hostname /etc/resolv.conf /etc/mtab /.dockerenv "
        "/dev /dev/null /dev/fd /dev/pts /dev/pts/ptmx /dev/shm /dev/mqueue /run/new; do "
        "stat -c '%n %u:%g' $f; done");
    Spec with_tmpfs = spec;
    with_tmpfs.mounts.push_back({"/run/new", false, TmpfsMount{}});
    std::istringstream lines(world.run(with_tmpfs).out);
    int count = 0;
    for (std::string name, owner; lines >> name >> owner; ++count)
        CHECK(name + " " + owner == name + " 0:0");
    CHECK(count == 17);
}

TEST_CASE(
    "the image's files keep their owners, and what a container with its own users changes has its ids") {
    World world;
    if (!works(world))
        return;
    const base::fs::path image = world.directory() / "image";
    const base::fs::path above = world.directory() / "above";
    base::make_dirs(above / "srv");
    base::write_file_atomic(image / "etc/given", "x");
    base::write_file_atomic(above / "srv/other", "x");
    REQUIRE(::chown((image / "etc/given").c_str(), 7, 8) == 0);
    REQUIRE(::chown((above / "srv/other").c_str(), 9, 10) == 0);
    Spec spec = own_users(world, "exec sleep 100");
    spec.layers.push_back(above);
    Running running(world, spec);
    CHECK(running.exec("stat -c %u:%g /etc/given /srv/other").out == "7:8\n9:10\n");
    CHECK(running.exec("echo y >> /etc/given && touch /new && stat -c %u:%g /etc/given /new").out
          == "7:8\n0:0\n");
    const std::uint32_t first = spec.namespaces.uid_map.front().outside;
    const base::fs::path upper = world.paths.container(spec.project, spec.id) / "upper";
    CHECK(status_of(upper / "etc/given").st_uid == first + 7);
    CHECK(status_of(upper / "new").st_uid == first);
    CHECK(status_of(image / "etc/given").st_uid == 7);
}

TEST_CASE("volumes and binds hold the ids that a container with its own users writes") {
    World world;
    if (!works(world))
        return;
    Spec spec =
        own_users(world, "id -u; echo x > /data/file; echo x > /host/file; stat -c %u:%g /data /data/file");
    spec.process.user = "999:998";
    spec.mounts.push_back({"/data", false, volume_in(world, 999)});
    BindMount bind;
    bind.source = world.directory() / "host";
    base::make_dirs(bind.source);
    REQUIRE(::chown(bind.source.c_str(), 999, 0) == 0);
    spec.mounts.push_back({"/host", false, bind});
    CHECK(world.run(spec).out == "999\n999:999\n999:998\n");
    for (const char *path : {"volume/file", "host/file"}) {
        CHECK(status_of(world.directory() / path).st_uid == 999);
        CHECK(status_of(world.directory() / path).st_gid == 998);
    }
}

TEST_CASE("a bind whose file system can't be id-mapped is refused by its name") {
    World world;
    if (!works(world))
        return;
    Spec spec = own_users(world, "true");
    BindMount bind;
    bind.source = "/proc/sys/kernel";
    spec.mounts.push_back({"/kernel", false, bind});
    CHECK_THROWS_WITH(world.run(spec),
                      "mount /proc/sys/kernel on /kernel: its file system, proc, can't be id-mapped, "
                      "as a container with a user namespace of its own needs");
    bind.source = "/dev"; // with devpts below it
    spec.mounts.back() = {"/kernel", false, bind};
    CHECK_THROWS_WITH(world.run(spec), Contains("can't be id-mapped"));
}

TEST_CASE("a container with its own users has its network, sysctls, host name and kernel file systems") {
    World world;
    if (!works(world))
        return;
    Spec spec =
        own_users(world, "cat /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/ping_group_range; hostname; "
                         "echo x > /dev/null && echo written; grep -c MemTotal /proc/meminfo; "
                         "ls /sys/class/net; cat /proc/keys /proc/timer_list 2>&- | wc -c; "
                         "echo 1 > /proc/sys/net/core/somaxconn; ip link set lo up && echo up");
    spec.sysctls = {{"net.core.somaxconn", "77"}};
    spec.security.cap_add = {"NET_ADMIN"};
    spec.hostname = "inside";
    const Result result = world.run(spec);
    CHECK(result.out == "77\n0\t65535\ninside\nwritten\n1\nlo\n0\nup\n");
    CHECK_THAT(result.err, Contains("Read-only file system"));
    CHECK_THAT(world.run(own_users(world, "cat /proc/mounts")).out,
               Contains("proc /proc ") && Contains("sysfs /sys ") && Contains("mqueue /dev/mqueue "));
}

TEST_CASE("a container with its own users sets its ipc sysctls, or is told that the kernel does not let it") {
    World world;
    if (!works(world))
        return;
    Spec spec = own_users(world, "cat /proc/sys/kernel/msgmax /proc/sys/fs/mqueue/msg_max");
    spec.sysctls = {{"kernel.msgmax", "4097"}, {"fs.mqueue.msg_max", "11"}};
    const Result result = world.run(spec);
    if (result.failure) // before Linux 6.10 they are the host's root's alone
        CHECK_THAT(result.failure->message(), Catch::StartsWith("set sysctl fs/mqueue/msg_max=11: "));
    else
        CHECK(result.out == "4097\n11\n");
}

TEST_CASE("all capabilities in a user namespace of its own give a container nothing of the host") {
    World world;
    if (!works(world))
        return;
    Spec spec =
        own_users(world, "mknod /tmp/disk b 8 0; mknod /tmp/null c 1 3; "
                         "echo /tmp/x > /proc/sys/kernel/core_pattern; echo 1 > /proc/sys/vm/swappiness; "
                         "cat /secret; ln -s x /tmp/link; touch /tmp/foreign && chown 70000 /tmp/foreign; "
                         "ls /tmp");
    spec.security.cap_add = {"ALL"};
    spec.security.seccomp_unconfined = true;
    spec.security.system_paths_unconfined = true;
    // In the image, of a user that the container does not have.
    const base::fs::path secret = world.directory() / "image/secret";
    base::write_file_atomic(secret, "secret", 0600);
    REQUIRE(::chown(secret.c_str(), 70000, 70000) == 0);
    const Result result = world.run(spec);
    CHECK(result.out == "foreign\nlink\n");
    CHECK_THAT(result.err, Contains("mknod: /tmp/disk: Operation not permitted"));
    CHECK_THAT(result.err, Contains("mknod: /tmp/null: Operation not permitted"));
    CHECK_THAT(result.err, Contains("core_pattern: Permission denied"));
    CHECK_THAT(result.err, Contains("swappiness: Permission denied"));
    CHECK_THAT(result.err, Contains("/secret"));
    CHECK_THAT(result.err, Contains("chown: /tmp/foreign: Invalid argument"));
}

TEST_CASE("exec is in the user namespace of its container, with what the container may") {
    World world;
    if (!works(world))
        return;
    constexpr const char *show = "grep Cap /proc/self/status; grep NoNewPrivs /proc/self/status; "
                                 "grep Seccomp: /proc/self/status";
    Spec with = own_users(world, "exec sleep 100");
    with.security.cap_add = {"SYS_TIME"};
    with.security.cap_drop = {"MKNOD"};
    Spec without = world.spec("exec sleep 100");
    without.security = with.security;
    Running running(world, with);
    Running plain(world, without);
    CHECK(running.exec(show).out == plain.exec(show).out);
    with.process.argv = {"/bin/sh", "-c", show};
    Spec first = own_users(world, show);
    first.security = with.security;
    CHECK(world.run(first).out == plain.exec(show).out);

    ExecSpec bob;
    bob.user = "bob";
    CHECK(running.exec("id -u; id -G; touch /tmp/bob; stat -c %u:%g /tmp/bob", bob).out
          == "1000\n1001 10\n1000:1001\n");
    ExecSpec terminal;
    terminal.tty = true;
    CHECK(running.exec("stat -c %u:%g $(tty)", terminal).out == "0:5\r\n");
    ExecSpec all;
    all.privileged = true;
    CHECK_THAT(running.exec("mknod /tmp/n c 1 3", all).err, Contains("Operation not permitted"));
}

TEST_CASE("secrets, tmpfs mounts and devices of a container with its own users have the ids they ask for") {
    World world;
    if (!works(world))
        return;
    Spec spec =
        own_users(world, "cat /run/secrets/key; stat -c %u:%g:%a /run/secrets/key /scratch /dev/full2; "
                         "echo x > /scratch/file && echo x > /dev/full2; ls -l /proc/self/fd/1 | wc -l");
    spec.process.user = "1000:1001";
    spec.files.push_back({"/run/secrets/key", 1000, 1001, 0400, "secret\n"});
    TmpfsMount scratch;
    scratch.uid = 1000;
    scratch.mode = 0700;
    spec.mounts.push_back({"/scratch", false, scratch});
    spec.devices.push_back({"/dev/zero", "/dev/full2", "rwm"});
    const std::string mode = [] {
        char text[8];
        std::snprintf(text, sizeof text, "%o", status_of("/dev/zero").st_mode & 07777);
        return std::string(text);
    }();
    CHECK(world.run(spec).out == "secret\n1000:1001:400\n1000:0:700\n0:0:" + mode + "\n1\n");

    spec.files.front().uid = 65536;
    CHECK_THROWS_WITH(world.run(spec), "user 65536 does not exist in the container's user namespace");
}

TEST_CASE("standard output of a container with its own users can be opened by name") {
    World world;
    if (!works(world))
        return;
    Spec spec = own_users(world, "echo again > /dev/stdout");
    spec.process.user = "bob";
    CHECK(world.run(spec).out == "again\n");
}

TEST_CASE(
    "a container with its own users takes init, read-only root, limits, no-new-privileges and a score") {
    World world;
    if (!works(world))
        return;
    Spec spec = own_users(world, "ulimit -n; ulimit -Hn; touch /file; grep NoNewPrivs /proc/self/status; "
                                 "cat /proc/self/oom_score_adj; readlink /proc/1/exe");
    spec.read_only = true;
    spec.process.init = true;
    spec.process.oom_score_adj = 300;
    spec.security.no_new_privileges = true;
    spec.process.rlimits = {{"nofile", 64, 700}};
    const Result result = world.run(spec);
    CHECK(result.out == "64\n700\nNoNewPrivs:\t1\n300\n/sbin/docker-init\n");
    CHECK_THAT(result.err, Contains("/file: Read-only file system"));
}

TEST_CASE("a container with its own users gets higher limits than this process has, as others do") {
    World world;
    if (!works(world))
        return;
    const LowHardLimit limit;
    constexpr const char *script = "ulimit -n; ulimit -Hn";
    Spec plain = world.spec(script);
    Spec spec = own_users(world, script);
    plain.process.rlimits = spec.process.rlimits = {{"nofile", 64, 900}};
    const Result expected = world.run(plain);
    if (expected.failure) { // this process may not do it for anybody
        CHECK_THROWS_WITH(world.run(spec), expected.failure->message());
        return;
    }
    CHECK(expected.out == "64\n900\n");
    CHECK(world.run(spec).out == expected.out);
    spec.process.argv = {"/bin/sleep", "100"};
    Running running(world, spec);
    CHECK(running.exec(script).out == expected.out);
}

TEST_CASE("a container with its own users has a terminal") {
    World world;
    if (!works(world))
        return;
    Spec spec = own_users(world, "tty; stat -c %u:%g $(tty) /dev/console; exec sleep 100");
    spec.process.tty = true;
    spec.process.user = "bob";
    Running running(world, spec);
    const base::UniqueFd terminal = running.child->take_terminal();
    std::string text;
    char buffer[256];
    while (std::count(text.begin(), text.end(), '\n') < 3) {
        const ssize_t count = ::read(terminal.get(), buffer, sizeof buffer);
        REQUIRE(count > 0);
        text.append(buffer, static_cast<std::size_t>(count));
    }
    CHECK(text == "/dev/pts/0\r\n1000:5\r\n1000:5\r\n");
}

TEST_CASE("what can't be had in a user namespace of its own is refused before anything is made") {
    World world;
    const auto refused = [&](const std::function<void(Spec &)> &change, const std::string &message) {
        Spec spec = own_users(world, "true");
        change(spec);
        CHECK_THROWS_WITH(create(world.paths, spec, {}), message);
        CHECK_FALSE(base::fs::exists(world.paths.container(spec.project, spec.id)));
    };
    const std::string sentence = "a container with a user namespace of its own can't share the ";
    refused([](Spec &spec) { spec.security.privileged = true; },
            "a privileged container can't have a user namespace of its own");
    refused([](Spec &spec) { spec.namespaces.network.kind = Kind::host; },
            sentence + "network namespace of the host");
    refused([](Spec &spec) { spec.namespaces.pid.kind = Kind::host; },
            sentence + "pid namespace of the host");
    refused(
        [](Spec &spec) {
            spec.namespaces.ipc = {Kind::container, std::string(64, 'a')};
        },
        sentence + "ipc namespace of another container");
    refused([](Spec &spec) { spec.namespaces.uid_map.clear(); },
            "the container has no ids for its user namespace");
}

TEST_CASE("the host's uts and control group namespaces can be shared from a user namespace of its own") {
    World world;
    if (!works(world))
        return;
    Spec spec = own_users(
        world, "readlink /proc/self/ns/uts; readlink /proc/self/ns/cgroup; ls /sys/fs/cgroup | wc -l");
    spec.namespaces.uts.kind = spec.namespaces.cgroup.kind = Kind::host;
    const std::string out = world.run(spec).out;
    CHECK_THAT(out, Contains(base::fs::read_symlink("/proc/self/ns/uts").string()));
    CHECK_THAT(out, Contains(base::fs::read_symlink("/proc/self/ns/cgroup").string()));
    CHECK_FALSE(contains(out, "\n0\n"));
}

TEST_CASE(
    "a user namespace of its own on a host whose /proc is covered in parts is refused with the reason") {
    World world;
    if (!works(world))
        return;
    std::optional<StartFailure> failure;
    const base::UniqueFd nothing = in_private_mount_namespace([&] {
        base::check(::mount("tmpfs", "/proc/sys", "tmpfs", 0, nullptr), "mount", "/proc/sys");
        failure = world.run(own_users(world, "true")).failure;
        return base::UniqueFd();
    });
    REQUIRE(failure);
    CHECK(failure->message() == "mount proc: Operation not permitted");
    CHECK_THAT(failure->hint(), Contains("needs a host whose /proc and /sys are whole"));
}

TEST_CASE("a container of the host's users shares the namespaces of one with its own") {
    World world;
    if (!works(world))
        return;
    Spec owner = own_users(world, "exec sleep 100");
    owner.namespaces.ipc_shareable = true;
    Running running(world, owner);
    world.join[owner.id] = running.child->pidfd();
    Spec guest = world.spec("readlink /proc/self/ns/net; ip -o link | wc -l; ls /proc | grep -c '^1$'; "
                            "ls /sys/class/net; touch /dev/shm/mark");
    guest.namespaces.network = guest.namespaces.pid = guest.namespaces.ipc = {Kind::container, owner.id};
    const Result result = world.run(guest);
    CHECK_FALSE(result.failure);
    CHECK(result.code == 0);
    CHECK(result.out
          == running.exec("readlink /proc/self/ns/net; ip -o link | wc -l; echo 1; ls /sys/class/net").out);
    CHECK(running.exec("ls /dev/shm").out == "mark\n");
}
