#include "base/error.hpp"
#include "base/json.hpp"
#include "engine/container/cgroup_limits.hpp"
#include "engine/container/resources.hpp"

#include <catch2/catch.hpp>

using namespace container;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

std::string number(const std::string &path) {
    return path == "/dev/disk" ? "8:0" : "?";
}

std::vector<std::string> lines(const std::vector<LimitWrite> &writes) {
    std::vector<std::string> text;
    for (const auto &write : writes)
        text.push_back(write.file + "=" + write.value);
    return text;
}

Resources everything() {
    Resources all;
    all.memory = base::Bytes{64 * mebibyte};
    all.memory_reservation = base::Bytes{32 * mebibyte};
    all.memory_swap = base::Bytes{96 * mebibyte};
    all.memory_swappiness = 10;
    all.oom_kill_disable = true;
    all.cpus = base::NanoCpus{1'500'000'000};
    all.cpu_shares = 512;
    all.cpuset_cpus = "0-1";
    all.cpuset_mems = "0";
    all.pids_limit = 20;
    all.block_io.weight = 300;
    all.block_io.weight_devices = {{"/dev/disk", 400}};
    all.block_io.read_bps = {{"/dev/disk", 1000}};
    all.block_io.write_iops = {{"/dev/disk", 5}};
    return all;
}

} // namespace

TEST_CASE("resources survive JSON") {
    const auto all = everything();
    CHECK(resources_from_json(to_json(all)) == all);
    CHECK(to_json(Resources{}).empty());
    Resources quota;
    quota.cpu_quota = 50ms;
    quota.cpu_period = 100ms;
    CHECK(resources_from_json(to_json(quota)) == quota);
}

TEST_CASE("a field of the wrong type is named") {
    CHECK_THROWS_WITH(resources_from_json(base::parse_json(R"({"memory": "much"})", "test")),
                      Catch::Contains("\"memory\""));
}

TEST_CASE("impossible limits are refused before the kernel sees them") {
    const auto refuse = [](auto change, const std::string &part) {
        Resources resources;
        change(resources);
        CHECK_THROWS_WITH(validate(resources), Catch::Contains(part));
    };
    refuse([](Resources &r) { r.memory = base::Bytes{1000}; }, "too small");
    refuse([](Resources &r) { r.memory_swap = base::Bytes{64 * mebibyte}; }, "memory is not limited");
    refuse(
        [](Resources &r) {
            r.memory = base::Bytes{64 * mebibyte};
            r.memory_swap = base::Bytes{32 * mebibyte};
        },
        "smaller");
    refuse(
        [](Resources &r) {
            r.memory = base::Bytes{64 * mebibyte};
            r.memory_reservation = base::Bytes{65 * mebibyte};
        },
        "reservation");
    refuse([](Resources &r) { r.memory_swappiness = 101; }, "swappiness");
    refuse([](Resources &r) { r.cpus = base::NanoCpus{1}; }, "too small");
    refuse(
        [](Resources &r) {
            r.cpus = base::NanoCpus{1'000'000'000};
            r.cpu_quota = 10ms;
        },
        "conflicts");
    refuse([](Resources &r) { r.cpu_period = 2s; }, "cpu_period");
    refuse([](Resources &r) { r.cpu_shares = 1; }, "cpu_shares");
    refuse([](Resources &r) { r.pids_limit = 0; }, "leaves no process");
    refuse([](Resources &r) { r.block_io.weight = 5; }, "weight");
    CHECK_NOTHROW(validate(Resources{}));
}

TEST_CASE("v1 limits are written in the order the kernel accepts") {
    CHECK(lines(limits_v1(everything(), number))
          == std::vector<std::string>{
              "memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=100663296",
              "memory.soft_limit_in_bytes=33554432", "memory.swappiness=10", "memory.oom_control=1",
              "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=150000", "cpu.shares=512", "cpuset.cpus=0-1",
              "cpuset.mems=0", "pids.max=20", "blkio.weight=300", "blkio.weight_device=8:0 400",
              "blkio.throttle.read_bps_device=8:0 1000", "blkio.throttle.write_iops_device=8:0 5"});
}

TEST_CASE("v2 limits, and warnings for what v2 has not") {
    std::vector<std::string> warnings;
    CHECK(lines(limits_v2(everything(), number, warnings))
          == std::vector<std::string>{
              "memory.max=67108864", "memory.swap.max=33554432", "memory.low=33554432",
              "cpu.max=150000 100000", "cpu.weight=20", "cpuset.cpus=0-1", "cpuset.mems=0", "pids.max=20",
              "io.weight=default 2930", "io.weight=8:0 3940", "io.max=8:0 rbps=1000", "io.max=8:0 wiops=5"});
    REQUIRE(warnings.size() == 2);
    CHECK_THAT(warnings[0], Catch::Contains("swappiness"));
    CHECK_THAT(warnings[1], Catch::Contains("oom_kill_disable"));
}

TEST_CASE("memory without a swap limit gets as much swap again, -1 is unlimited") {
    std::vector<std::string> warnings;
    Resources resources;
    resources.memory = base::Bytes{64 * mebibyte};
    CHECK(lines(limits_v1(resources, number))[1] == "memory.memsw.limit_in_bytes=134217728");
    CHECK(lines(limits_v2(resources, number, warnings))[1] == "memory.swap.max=67108864");
    resources.memory_swap = base::Bytes{-1};
    CHECK(lines(limits_v1(resources, number))[1] == "memory.memsw.limit_in_bytes=-1");
    CHECK(lines(limits_v2(resources, number, warnings))[1] == "memory.swap.max=max");
    resources.pids_limit = -1;
    CHECK(lines(limits_v2(resources, number, warnings)).back() == "pids.max=max");
}

TEST_CASE("weights map linearly onto v2's range") {
    CHECK(cpu_weight(2) == 1);
    CHECK(cpu_weight(1024) == 39);
    CHECK(cpu_weight(262144) == 10000);
    CHECK(io_weight(10) == 1);
    CHECK(io_weight(1000) == 10000);
}
