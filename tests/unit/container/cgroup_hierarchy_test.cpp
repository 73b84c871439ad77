#include "engine/container/cgroup_files.hpp"
#include "engine/container/cgroup_hierarchy.hpp"

#include <catch2/catch.hpp>

using namespace container;

namespace {

constexpr auto hybrid_mounts = R"(22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
31 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
34 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
39 30 0:36 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,release_agent=/x,name=systemd
40 30 0:37 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
)";

} // namespace

TEST_CASE("each hierarchy is found by its own mount and path") {
    const auto place =
        parse_place(hybrid_mounts, "4:memory:/jobs/7\n2:cpu,cpuacct:/\n1:name=systemd:/user\n0::/u\n");
    CHECK(place.v1.at("memory") == "/sys/fs/cgroup/memory/jobs/7");
    CHECK(place.v1.at("cpu") == "/sys/fs/cgroup/cpu,cpuacct");
    CHECK(place.v1.at("cpuacct") == place.v1.at("cpu"));
    CHECK(place.v1.at("name=systemd") == "/sys/fs/cgroup/systemd/user");
    CHECK(place.unified == "/sys/fs/cgroup/unified/u");
    CHECK(place.v1.size() == 4);
}

TEST_CASE("the roots are the mount points") {
    const auto roots = parse_roots(hybrid_mounts);
    CHECK(roots.unified == "/sys/fs/cgroup/unified");
    CHECK(roots.v1.at("memory") == "/sys/fs/cgroup/memory");
}

TEST_CASE("a mount that shows only a part of the tree") {
    const auto mounts = R"(40 30 0:37 /docker/abc /sys/fs/cgroup ro,nosuid - cgroup2 cgroup rw
)";
    CHECK(parse_place(mounts, "0::/docker/abc\n").unified == "/sys/fs/cgroup");
    CHECK(parse_place(mounts, "0::/docker/abc/leaf\n").unified == "/sys/fs/cgroup/leaf");
    CHECK_FALSE(parse_place(mounts, "0::/docker/abcdef\n").unified);
    CHECK_FALSE(parse_place(mounts, "0::/../elsewhere\n").unified);
}

TEST_CASE("escaped mount points are decoded") {
    CHECK(parse_place("40 30 0:37 / /mnt/my\\040cgroup rw - cgroup2 none rw\n", "0::/a\n").unified
          == "/mnt/my cgroup/a");
}

TEST_CASE("nothing mounted is nothing found") {
    const auto place = parse_place("22 1 8:1 / / rw - ext4 /dev/sda1 rw\n", "0::/\n");
    CHECK_FALSE(place.unified);
    CHECK(place.v1.empty());
}

TEST_CASE("keys of flat files") {
    const auto text = "oom 3\noom_kill 2\n";
    CHECK(cgroup_files::find_key(text, "oom_kill") == 2);
    CHECK(cgroup_files::find_key(text, "oom") == 3);
    CHECK_FALSE(cgroup_files::find_key(text, "oom_ki"));
    CHECK_FALSE(cgroup_files::find_key("", "oom"));
}
