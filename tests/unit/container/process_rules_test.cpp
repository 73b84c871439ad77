// Users, environment, sysctls and failures: the pure parts of starting a process.
#include "base/error.hpp"
#include "engine/container/environment.hpp"
#include "engine/container/program_builder.hpp"
#include "engine/container/sysctls.hpp"
#include "engine/container/users.hpp"

#include <catch2/catch.hpp>

using namespace container;
using Catch::Matchers::Contains;

namespace {

const UserFiles files{
    "root:x:0:0:root:/root:/bin/sh\n# comment\n\nbroken:x\nbob:x:1000:1001::/home/bob:/bin/sh\n"
    "1000:x:2000:2000::/odd:/bin/sh\n",
    "root:x:0:\nwheel:x:10:bob,alice\nbob:x:1001:\nextra:x:20:alicebob\n"};

using Groups = std::vector<gid_t>;

} // namespace

TEST_CASE("users are resolved as Docker does") {
    CHECK(resolve_user(files, "", {}) == Identity{0, 0, {0}, "/root"});
    CHECK(resolve_user(files, "bob", {}) == Identity{1000, 1001, {10, 1001}, "/home/bob"});
    CHECK(resolve_user(files, "1000", {}) == Identity{1000, 1001, {10, 1001}, "/home/bob"});
    CHECK(resolve_user(files, "bob:wheel", {}) == Identity{1000, 10, {10}, "/home/bob"});
    CHECK(resolve_user(files, "bob:77", {"extra"}) == Identity{1000, 77, {20, 77}, "/home/bob"});
    CHECK(resolve_user(files, "4242", {}) == Identity{4242, 0, {0}, "/"});
    CHECK(resolve_user({}, "", {}) == Identity{0, 0, {0}, "/"});
    CHECK(resolve_user(files, "bob", {"wheel", "20", "20"}).groups == Groups{10, 20, 1001});
}

TEST_CASE("unknown users and groups are refused as Docker words it") {
    CHECK_THROWS_WITH(resolve_user(files, "eve", {}),
                      "unable to find user eve: no matching entries in passwd file");
    CHECK_THROWS_WITH(resolve_user(files, "broken", {}), Contains("unable to find user"));
    CHECK_THROWS_WITH(resolve_user(files, "bob:none", {}),
                      "unable to find group none: no matching entries in group file");
    CHECK_THROWS_WITH(resolve_user(files, "", {"none"}), Contains("unable to find group none"));
    CHECK_THROWS_WITH(resolve_user(files, "99999999999", {}), Contains("unable to find user"));
}

TEST_CASE("the environment is Docker's: defaults, the container's own, what is given, HOME") {
    Spec spec;
    spec.hostname = "web";
    spec.process.env = {"A=1", "PATH=/bin", "B=2", "A=3"};
    CHECK(
        compose_environment(spec, {"B", "C=4=5"}, "/root", true)
        == std::vector<std::string>{"PATH=/bin", "HOSTNAME=web", "TERM=xterm", "A=3", "C=4=5", "HOME=/root"});
    CHECK(compose_environment(spec, {"HOME=/x"}, "/root", false).back() == "HOME=/x");
    CHECK(compose_environment(spec, {"HOME="}, "", false).back() == "HOME=/");
}

TEST_CASE("a program without a slash is looked for in PATH") {
    const std::vector<std::string> environment{"PATHS=/no", "PATH=/usr/bin::/bin"};
    CHECK(candidates("sh", environment) == std::vector<std::string>{"/usr/bin/sh", "./sh", "/bin/sh"});
    CHECK(candidates("./sh", environment) == std::vector<std::string>{"./sh"});
    CHECK(candidates("sh", {}).empty());
}

TEST_CASE("sysctls are those a container has for itself") {
    Spec spec;
    spec.sysctls = {{"net.ipv4.conf.eth0/1.forwarding", "1"}, {"fs.mqueue.msg_max", "5"}};
    auto paths = effective_sysctls(spec);
    CHECK(paths.at("net/ipv4/conf/eth0.1/forwarding") == "1");
    CHECK(paths.at("fs/mqueue/msg_max") == "5");
    CHECK(paths.at("net/ipv4/ip_unprivileged_port_start") == "0");
    spec.namespaces.network.kind = NamespaceMode::Kind::host;
    CHECK_THROWS_WITH(effective_sysctls(spec), Contains("network namespace that is shared"));
    spec.sysctls.erase("net.ipv4.conf.eth0/1.forwarding");
    CHECK(effective_sysctls(spec).size() == 1);
    spec.namespaces.ipc.kind = NamespaceMode::Kind::host;
    CHECK_THROWS_WITH(effective_sysctls(spec), Contains("ipc namespace that is shared"));
    for (const char *name : {"kernel.panic", "vm.swappiness", "net/../kernel/panic", "net...kernel.panic"}) {
        Spec other;
        other.sysctls = {{name, "1"}};
        CHECK_THROWS_AS(effective_sysctls(other), base::Error);
    }
}

TEST_CASE("failures are sentences with Docker's exit codes") {
    CHECK(StartFailure{StartStage::exec, ENOENT, "nginx"}.exit_code() == 127);
    CHECK(StartFailure{StartStage::exec, EACCES, "/etc"}.exit_code() == 126);
    CHECK(StartFailure{StartStage::interpreter, ENOENT, "/x"}.exit_code() == 127);
    CHECK(StartFailure{StartStage::mount, ENOENT, "/x"}.exit_code() == 128);
    const StartError error("service web", {StartStage::mount, ENOENT, "/data"});
    CHECK(std::string(error.what()) == "service web: mount /data: No such file or directory");
    CHECK_THAT(StartFailure({StartStage::exec, ENOEXEC, "/x"}).hint(), Contains("another processor"));
    CHECK(StartFailure{StartStage::rlimit, EPERM, "nofile"}.message()
          == "set ulimit nofile: Operation not permitted");
}

TEST_CASE("a child closes everything but its own descriptors") {
    ProgramBuilder builder;
    static_cast<void>(builder.borrow(7));
    static_cast<void>(builder.empty_slot());
    static_cast<void>(builder.borrow(3));
    builder.seal({4, -1, 7});
    REQUIRE(builder.program.gap_count == 3);
    const DescriptorRange *gaps = builder.program.gaps;
    CHECK((gaps[0].first == 0 && gaps[0].last == 2));
    CHECK((gaps[1].first == 5 && gaps[1].last == 6));
    CHECK((gaps[2].first == 8 && gaps[2].last == ~0U));
}
