// Limits must bind, on whatever hierarchy the host has; tests/hierarchies reruns this list on each kind.
#include "base/error.hpp"
#include "base/file.hpp"
#include "world.hpp"

#include <catch2/catch.hpp>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include <algorithm>
#include <fcntl.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

using namespace container;
using namespace world;

namespace {

constexpr std::int64_t mebibyte = 1024 * 1024;

bool exists(const Cgroup &cgroup, const std::string &controller, const std::string &file) {
    return std::filesystem::exists(cgroup.path(controller) / file);
}

int touch_memory(std::size_t size) {
    auto *memory = static_cast<char *>(
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    for (std::size_t at = 0; at < size; at += 4096)
        memory[at] = 1;
    return 0;
}

} // namespace

TEST_CASE("a new group is found again, and nothing is left after removal", "[cgroup]") {
    const auto hierarchy = detect_hierarchy();
    std::vector<std::string> warnings;
    auto made = Cgroup::create(hierarchy, {"test-isolation", "ab12", "", {}, {}}, warnings);
    CHECK(warnings.empty());
    CHECK_FALSE(made.populated());
    auto found = Cgroup::open(hierarchy, "test-isolation", "ab12");
    REQUIRE(found);
    CHECK(found->path("memory") == made.path("memory"));
    std::vector<std::filesystem::path> parents;
    for (const auto &[controller, base] : hierarchy.v1)
        parents.push_back(base / "compose/test-isolation");
    if (hierarchy.unified)
        parents.push_back(*hierarchy.unified / "compose/test-isolation");
    CHECK(std::any_of(parents.begin(), parents.end(),
                      [](const auto &path) { return std::filesystem::exists(path); }));
    found->remove();
    for (const auto &path : parents)
        CHECK_FALSE(std::filesystem::exists(path));
    CHECK_FALSE(Cgroup::open(hierarchy, "test-isolation", "ab12"));
    made.remove(); // again, by another object: nothing to do
}

TEST_CASE("a process joins every hierarchy and is listed", "[cgroup]") {
    TestCgroup test;
    Member member(test.cgroup, sleep_forever);
    while (test.cgroup.processes() != std::vector<pid_t>{member.pid()})
        ::poll(nullptr, 0, 1);
    CHECK(test.cgroup.populated());
    const auto theirs = Cgroup::of_process(member.pid());
    CHECK(theirs.processes() == test.cgroup.processes());
    CHECK(theirs.tasks_fds().empty() == is_v2(test.hierarchy));
    ::kill(member.pid(), SIGKILL);
    member.wait();
}

TEST_CASE("attach moves a running process", "[cgroup]") {
    TestCgroup test;
    TestCgroup other;
    Member member(test.cgroup, sleep_forever);
    while (test.cgroup.processes().empty())
        ::poll(nullptr, 0, 1);
    other.cgroup.attach(member.pid());
    CHECK(other.cgroup.processes() == std::vector<pid_t>{member.pid()});
    CHECK(test.cgroup.processes().empty());
}

TEST_CASE("too much memory is answered by the OOM killer, and counted", "[cgroup]") {
    Resources resources;
    resources.memory = base::Bytes{32 * mebibyte};
    TestCgroup test(resources);
    if (!has(test.hierarchy, "memory")) {
        REQUIRE(test.warnings.size() == 1);
        CHECK_THAT(test.warnings[0], Catch::Contains("memory limit"));
        return;
    }
    CHECK(test.warnings.empty());
    Member member(test.cgroup, [] { return touch_memory(96 * mebibyte); });
    const int status = member.wait();
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    CHECK(test.cgroup.oom_kills() >= 1);
    const auto stats = test.cgroup.stats();
    CHECK(stats.memory_limit == 32 * mebibyte);
    CHECK(stats.oom_kills >= 1);
}

TEST_CASE("memory limits can be raised and lowered", "[cgroup]") {
    Resources resources;
    resources.memory = base::Bytes{32 * mebibyte};
    TestCgroup test(resources);
    for (const std::int64_t size : {64, 256, 16}) {
        resources.memory = base::Bytes{size * mebibyte};
        test.cgroup.update(resources, test.warnings);
        if (has(test.hierarchy, "memory"))
            CHECK(test.cgroup.stats().memory_limit == size * mebibyte);
        else
            CHECK_FALSE(test.warnings.empty());
    }
}

TEST_CASE("the process limit stops a fork", "[cgroup]") {
    Resources resources;
    resources.pids_limit = 5;
    TestCgroup test(resources);
    Member member(test.cgroup, [] {
        for (int made = 1; made < 50; ++made) {
            const pid_t child = ::fork();
            if (child == 0)
                ::_exit(sleep_forever());
            if (child < 0)
                return errno == EAGAIN ? made : 100;
        }
        return 50;
    });
    const int status = member.wait();
    CHECK(WEXITSTATUS(status) == (has(test.hierarchy, "pids") ? 5 : 50));
    CHECK(test.warnings.empty() == has(test.hierarchy, "pids"));
    test.cgroup.kill();
}

TEST_CASE("processor limits are in force", "[cgroup]") {
    Resources resources;
    resources.cpus = base::NanoCpus{500'000'000};
    resources.cpu_shares = 512;
    TestCgroup test(resources);
    if (!has(test.hierarchy, "cpu")) {
        CHECK(test.warnings.size() == 2);
        return;
    }
    CHECK(test.warnings.empty());
    if (is_v2(test.hierarchy)) {
        CHECK(value(test.cgroup, "cpu", "cpu.max") == "50000 100000");
        CHECK(value(test.cgroup, "cpu", "cpu.weight") == "20");
    } else {
        CHECK(value(test.cgroup, "cpu", "cpu.cfs_quota_us") == "50000");
        CHECK(value(test.cgroup, "cpu", "cpu.shares") == "512");
    }
    Member member(test.cgroup, [] {
        for (;;)
            asm volatile("");
        return 0;
    });
    while (test.cgroup.stats().cpu_throttled == std::chrono::nanoseconds(0))
        ::poll(nullptr, 0, 10);
    CHECK(test.cgroup.stats().cpu_usage > std::chrono::nanoseconds(0));
}

TEST_CASE("the processor set is in force, and can be set later", "[cgroup]") {
    Resources resources;
    resources.cpuset_cpus = "0";
    TestCgroup test;
    Member member(test.cgroup, sleep_forever);
    while (test.cgroup.processes().empty())
        ::poll(nullptr, 0, 1);
    test.cgroup.update(resources, test.warnings);
    if (!has(test.hierarchy, "cpuset")) {
        REQUIRE(test.warnings.size() == 1);
        CHECK_THAT(test.warnings[0], Catch::Contains("CPU set"));
        return;
    }
    CHECK(test.warnings.empty());
    cpu_set_t allowed;
    REQUIRE(::sched_getaffinity(member.pid(), sizeof allowed, &allowed) == 0);
    CHECK(CPU_COUNT(&allowed) == 1);
    resources.cpuset_cpus = "0-4095";
    if (!is_v2(test.hierarchy))
        CHECK_THROWS_WITH(test.cgroup.update(resources, test.warnings),
                          Catch::Contains("the CPU set to 0-4095"));
}

TEST_CASE("a paused process does not run, and a paused container can be killed", "[cgroup]") {
    TestCgroup test;
    const auto ticks = base::make_pipe(O_NONBLOCK);
    Member member(test.cgroup, [&] {
        for (;;) {
            (void)!::write(ticks.write.get(), "x", 1);
            ::poll(nullptr, 0, 1);
        }
        return 0;
    });
    const auto drain = [&] {
        char buffer[4096];
        bool any = false;
        while (::read(ticks.read.get(), buffer, sizeof buffer) > 0)
            any = true;
        return any;
    };
    while (!drain())
        ::poll(nullptr, 0, 1);
    test.cgroup.freeze();
    CHECK(test.cgroup.frozen());
    drain();
    pollfd waiting{ticks.read.get(), POLLIN, 0};
    CHECK(::poll(&waiting, 1, 50) == 0);
    test.cgroup.thaw();
    CHECK(::poll(&waiting, 1, 10'000) == 1);
    CHECK_FALSE(test.cgroup.frozen());
    test.cgroup.freeze();
    test.cgroup.kill();
    CHECK(member.ended(10'000));
}

TEST_CASE("twenty processes and those in groups they made themselves die together", "[cgroup]") {
    TestCgroup test;
    const auto nested = test.cgroup.path(is_v2(test.hierarchy) ? "" : "memory") / "inner/innermost";
    std::filesystem::create_directories(nested);
    std::vector<Member> members;
    for (int i = 0; i < 20; ++i)
        members.emplace_back(test.cgroup, sleep_forever);
    while (test.cgroup.processes().size() != 20)
        ::poll(nullptr, 0, 1);
    CHECK_THROWS_WITH(test.cgroup.remove(std::chrono::milliseconds(5)),
                      Catch::Contains("still has processes"));
    test.cgroup.kill();
    for (auto &member : members) {
        REQUIRE(member.ended(10'000));
        CHECK(WTERMSIG(member.wait()) == SIGKILL);
    }
    test.cgroup.remove();
    CHECK_FALSE(std::filesystem::exists(nested));
}

TEST_CASE("removal waits for processes that are ending", "[cgroup]") {
    TestCgroup test;
    Member member(test.cgroup, [] {
        ::poll(nullptr, 0, 50);
        return 0;
    });
    while (test.cgroup.processes().empty())
        ::poll(nullptr, 0, 1);
    std::thread reaper([&] { member.wait(); });
    CHECK_NOTHROW(test.cgroup.remove());
    reaper.join();
}

TEST_CASE("an event tells when the last process is gone", "[cgroup]") {
    TestCgroup test;
    const auto events = test.cgroup.events_fd();
    CHECK(events.valid() == test.hierarchy.unified.has_value());
    Member member(test.cgroup, sleep_forever);
    while (!test.cgroup.populated())
        ::poll(nullptr, 0, 1);
    if (events)
        (void)base::read_all(events.get(), "cgroup.events");
    test.cgroup.kill();
    REQUIRE(member.ended(10'000));
    member.wait();
    pollfd waiting{events.get(), POLLPRI, 0};
    CHECK((!events || ::poll(&waiting, 1, 10'000) == 1));
    CHECK_FALSE(test.cgroup.populated());
}

TEST_CASE("a group elsewhere by cgroup_parent", "[cgroup]") {
    TestCgroup test({}, {}, "/test-isolation-parent");
    const auto path = test.cgroup.path(is_v2(test.hierarchy) ? "" : "memory");
    CHECK(path.parent_path().filename() == "test-isolation-parent");
    CHECK(Cgroup::open(test.hierarchy, "test-isolation", test.id, "/test-isolation-parent"));
    test.cgroup.remove();
    CHECK(std::filesystem::exists(path.parent_path()));
    for (const auto &[controller, base] : test.hierarchy.v1)
        ::rmdir((base / "test-isolation-parent").c_str());
    if (test.hierarchy.unified)
        ::rmdir((*test.hierarchy.unified / "test-isolation-parent").c_str());
    std::vector<std::string> warnings;
    CHECK_THROWS_WITH(Cgroup::create(test.hierarchy, {"p", "id", "../escape", {}, {}}, warnings),
                      Catch::Contains("escape"));
}

TEST_CASE("a place with processes of its own moves them aside to hand controllers down", "[cgroup]") {
    TestCgroup outer;
    if (!outer.hierarchy.unified) {
        CHECK(outer.hierarchy.kind == CgroupKind::v1);
        return;
    }
    Member occupant(outer.cgroup, sleep_forever);
    while (outer.cgroup.processes().empty())
        ::poll(nullptr, 0, 1);
    Hierarchy delegated;
    delegated.kind = CgroupKind::v2;
    delegated.unified = outer.cgroup.path("");
    Resources resources;
    resources.pids_limit = 7;
    std::vector<std::string> warnings;
    auto inner = Cgroup::create(delegated, {"p", "inner", "", resources, {}}, warnings);
    const bool controls = is_v2(outer.hierarchy) && has(outer.hierarchy, "pids");
    CHECK(warnings.empty() == controls);
    CHECK(outer.cgroup.processes() == std::vector<pid_t>{occupant.pid()});
    CHECK(std::filesystem::exists(*delegated.unified / "compose-leaf") == controls);
    Member member(inner, sleep_forever);
    CHECK(inner.processes() == std::vector<pid_t>{member.pid()});
    inner.kill();
    REQUIRE(member.ended(10'000));
    inner.remove();
}

TEST_CASE("limits this host can't do are one warning each", "[cgroup]") {
    Resources resources;
    resources.block_io.weight = 300;
    resources.memory_swappiness = 5;
    TestCgroup test(resources);
    const bool weight = exists(test.cgroup, is_v2(test.hierarchy) ? "io" : "blkio",
                               is_v2(test.hierarchy) ? "io.weight" : "blkio.weight")
                        || exists(test.cgroup, is_v2(test.hierarchy) ? "io" : "blkio",
                                  is_v2(test.hierarchy) ? "io.bfq.weight" : "blkio.bfq.weight");
    const bool swappiness = exists(test.cgroup, "memory", "memory.swappiness");
    CHECK(test.warnings.size() == (weight ? 0U : 1U) + (swappiness ? 0U : 1U));
    resources = {};
    resources.block_io.read_bps = {{"/dev/null", 1000}};
    std::vector<std::string> warnings;
    CHECK_THROWS_WITH(Cgroup::create(test.hierarchy, {"test-isolation", "io", "", resources, {}}, warnings),
                      Catch::Contains("/dev/null is not a block device"));
    CHECK_FALSE(Cgroup::open(test.hierarchy, "test-isolation", "io"));
}

TEST_CASE("a denied device can't be opened, an allowed one can", "[cgroup]") {
    TestCgroup test({}, default_device_rules());
    const auto open_device = [&](const char *path) {
        Member member(test.cgroup, [path] {
            const int fd = ::open(path, O_RDWR);
            return fd >= 0 ? 0 : errno;
        });
        return WEXITSTATUS(member.wait());
    };
    CHECK(open_device("/dev/null") == 0);
    CHECK(open_device("/dev/zero") == 0);
    CHECK(open_device("/dev/kmsg") == EPERM);
    const auto node = "/dev/shm/isolation-" + test.id;
    const auto with_node = [&](dev_t device) {
        REQUIRE(::mknod(node.c_str(), S_IFCHR | 0600, device) == 0);
        const int result = open_device(node.c_str());
        ::unlink(node.c_str());
        return result;
    };
    CHECK(with_node(::makedev(1, 1)) == EPERM); // mem
    CHECK(with_node(::makedev(1, 3)) == 0);
    // Making a node is allowed, as in Docker; using it is not.
    Member maker(test.cgroup,
                 [&] { return ::mknod(node.c_str(), S_IFCHR | 0600, ::makedev(1, 1)) == 0 ? 0 : errno; });
    CHECK(WEXITSTATUS(maker.wait()) == 0);
    ::unlink(node.c_str());
}
