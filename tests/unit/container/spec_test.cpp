#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/container/spec.hpp"

#include <catch2/catch.hpp>

#include <csignal>

using namespace container;
using Catch::Matchers::Contains;

namespace {

Spec full_spec() {
    Spec spec;
    spec.id = std::string(64, 'a');
    spec.name = "shop-web-2";
    spec.project = "shop";
    spec.service = "web";
    spec.number = 2;
    spec.one_off = true;
    spec.labels = {{"com.docker.compose.project", "shop"}};
    spec.created = base::Timestamp(std::chrono::nanoseconds(1'700'000'000'123'456'789));
    spec.layers = {"/l/1", "/l/2"};
    spec.process.argv = {"nginx", "-g", ""};
    spec.process.oom_score_adj = 0;
    spec.process.rlimits = {{"nofile", 1024, -1}};
    spec.security.cap_add = {"NET_ADMIN"};
    spec.security.no_new_privileges = true;
    spec.namespaces.network = {NamespaceMode::Kind::container, std::string(64, 'b')};
    spec.namespaces.own_users = true;
    spec.namespaces.uid_map = {{0, 100000, 65536}};
    BindMount bind;
    bind.source = "/src";
    bind.recursive = false;
    bind.propagation = Propagation::rshared;
    VolumeMount volume{"data", "/v/data", "sub", false};
    TmpfsMount tmpfs;
    tmpfs.size = base::Bytes{1 << 20};
    tmpfs.mode = 0;
    spec.mounts = {{"/a", true, bind}, {"/b", false, volume}, {"/c", false, tmpfs}};
    spec.devices = {{"/dev/fuse", "/dev/fuse", "rw"}};
    spec.sysctls = {{"net.core.somaxconn", "1"}};
    spec.resources.memory = base::Bytes{64 << 20};
    spec.endpoints = {{"shop_default", {"web"}, "10.0.0.2"}};
    spec.ports = {{"127.0.0.1", 8000, 8010, 80, "udp"}};
    spec.extra_hosts = {{"db", "host-gateway"}};
    spec.stop_grace = std::chrono::milliseconds(1500);
    spec.restart = {RestartPolicy::Kind::on_failure, 3, std::chrono::seconds(5), std::nullopt};
    spec.healthcheck.test = {"CMD", "true"};
    spec.healthcheck.retries = 0;
    spec.log.max_file = 3;
    return spec;
}

} // namespace

TEST_CASE("a specification survives being written and read") {
    const Spec spec = full_spec();
    const std::string text = base::pretty_json(to_json(spec));
    CHECK(spec_from_json(base::parse_json(text, "container.json")) == spec);
    CHECK(spec_from_json(to_json(Spec{})) == Spec{});
}

TEST_CASE("members whose default is not the empty value survive being set to it") {
    Spec spec;
    spec.stop_signal = "";
    spec.stop_grace = {};
    spec.shm_size = {};
    spec.number = 0;
    spec.process.cwd = "";
    BindMount bind;
    bind.recursive_read_only = bind.recursive = false;
    spec.mounts = {{"/a", false, bind}};
    CHECK(spec_from_json(to_json(spec)) == spec);
}

TEST_CASE("the content of granted files is not written into the specification") {
    Spec spec;
    spec.files = {{"/run/secrets/key", 1, 2, 0400, "hunter2"}};
    const std::string text = base::dump_json(to_json(spec));
    CHECK_THAT(text, !Contains("hunter2") && Contains("/run/secrets/key"));
}

TEST_CASE("a damaged or newer specification is refused with the member's name") {
    CHECK_THROWS_WITH(spec_from_json(base::parse_json(R"({"version":2})", "x")), Contains("newer version"));
    CHECK_THROWS_WITH(spec_from_json(base::parse_json(R"({"version":1,"process":{"argv":"sh"}})", "x")),
                      Contains("\"process.argv\" has the wrong type"));
    CHECK_THROWS_WITH(
        spec_from_json(base::parse_json(R"({"version":1,"mounts":[{"bind":{"propagation":"odd"}}]})", "x")),
        Contains("propagation"));
    CHECK_THROWS_WITH(spec_from_json(base::parse_json("[]", "x")), Contains("not an object"));
}

TEST_CASE("signals are known by name and number") {
    CHECK(parse_signal("SIGTERM") == SIGTERM);
    CHECK(parse_signal("quit") == SIGQUIT);
    CHECK(parse_signal("9") == SIGKILL);
    CHECK(parse_signal("SIGRTMIN+3") == SIGRTMIN + 3);
    for (const char *bad : {"", "0", "999", "SIGNOPE", "-1", "RTMAX-99"})
        CHECK_THROWS_WITH(parse_signal(bad), Contains("unknown signal"));
}

TEST_CASE("tmpfs entries take mount options") {
    CHECK(parse_tmpfs("/run") == Mount{"/run", false, TmpfsMount{}});
    TmpfsMount tmpfs;
    tmpfs.size = base::Bytes{64 << 20};
    tmpfs.mode = 01770;
    tmpfs.uid = 5;
    tmpfs.exec = true;
    CHECK(parse_tmpfs("/run:size=64m,mode=1770,uid=5,exec,nosuid,ro") == Mount{"/run", true, tmpfs});
    tmpfs = TmpfsMount{};
    tmpfs.nr_inodes = "10k";
    tmpfs.nr_blocks = "64";
    tmpfs.access_times = "noatime";
    tmpfs.directory_access_times = false;
    CHECK(parse_tmpfs("/run:nr_inodes=10k,nr_blocks=64,noatime,nodiratime") == Mount{"/run", false, tmpfs});
    CHECK_THROWS_WITH(parse_tmpfs("/run:nr_inodes=many"), Contains("nr_inodes needs a number"));
    CHECK_THROWS_WITH(parse_tmpfs("/run:size=much"), Contains("much is not a size"));
    CHECK_THROWS_WITH(parse_tmpfs("/run:mode=9"), Contains("mode needs a number"));
    CHECK_THROWS_WITH(parse_tmpfs("/run:fast"), Contains("unknown option fast"));
}
