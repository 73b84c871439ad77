#include "base/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/remove_tree.hpp"
#include "base/syscall.hpp"
#include "engine/container/exit_status.hpp"
#include "engine/container/keeper_client.hpp"
#include "engine/container/seccomp_rules.hpp"

#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <sstream>
#include <unistd.h>

using namespace container;

namespace {

namespace fs = std::filesystem;

void await_end(int pidfd) {
    pollfd waiting{pidfd, POLLIN, 0};
    REQUIRE(::poll(&waiting, 1, 10'000) == 1);
}

// A keeper with a supervisor (dummy_supervisor.cpp) at the other end of `control`.
class KeptSupervisor {
  public:
    KeptSupervisor() {
        const char *base = std::getenv("COMPOSE_TEST_DIR");
        dir_ = fs::path(base != nullptr ? base : "/dev/shm") / ("keeper-" + base::random_hex(8));
        fs::create_directories(dir_);
        int pair[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
        control_ = base::UniqueFd(pair[0]);
        const base::UniqueFd theirs(pair[1]);
        KeeperSpec spec;
        spec.runtime_dir = dir_;
        spec.supervisor_argv = {fs::read_symlink("/proc/self/exe").string()};
        spec.environment = {"COMPOSE_TEST_SUPERVISOR=1", "COMPOSE_TEST_RUNTIME=" + dir_.string()};
        spec.descriptors["control"] = {theirs.get()};
        keeper = launch_keeper(spec);
        keeper_fd = base::UniqueFd(base::sys_pidfd_open(keeper));
    }

    KeptSupervisor(const KeptSupervisor &) = delete;
    KeptSupervisor &operator=(const KeptSupervisor &) = delete;

    ~KeptSupervisor() {
        ::shutdown(control_.get(), SHUT_RDWR); // the supervisor exits 0, then the keeper ends
        pollfd waiting{keeper_fd.get(), POLLIN, 0};
        ::poll(&waiting, 1, 5'000);
        base::remove_tree(dir_);
    }

    std::string receive() {
        pollfd waiting{control_.get(), POLLIN, 0};
        REQUIRE(::poll(&waiting, 1, 10'000) == 1);
        char text[512];
        const auto size = ::recv(control_.get(), text, sizeof text, 0);
        REQUIRE(size > 0);
        return {text, static_cast<std::size_t>(size)};
    }

    void send(const std::string &line) {
        REQUIRE(::send(control_.get(), line.data(), line.size(), MSG_NOSIGNAL) > 0);
    }

    std::string ask(const std::string &line) {
        send(line);
        return receive();
    }

    // Waits for a supervisor's greeting and remembers who it is.
    std::string hello() {
        std::istringstream words(receive());
        std::string word;
        std::string names;
        words >> word >> supervisor >> parent;
        REQUIRE(word == "hello");
        std::getline(words, names);
        return names;
    }

    [[nodiscard]] fs::path exits() const { return dir_ / "exits"; }

    // The record of a pid, waiting for it (inotify would miss what is there already; the file is short).
    ExitRecord record(pid_t pid) {
        for (int attempt = 0; attempt < 1000; ++attempt) {
            for (const auto &found : read_exit_records(exits()).records)
                if (found.process.pid == pid)
                    return found;
            ::poll(nullptr, 0, 5);
        }
        FAIL("no exit record for " << pid);
        return {};
    }

    pid_t keeper = 0;
    pid_t supervisor = 0;
    pid_t parent = 0;
    base::UniqueFd keeper_fd;

  private:
    fs::path dir_;
    base::UniqueFd control_;
};

void kill_and_wait(pid_t pid) {
    const base::UniqueFd pidfd(base::sys_pidfd_open(pid));
    REQUIRE(::kill(pid, SIGKILL) == 0);
    await_end(pidfd.get());
}

} // namespace

TEST_CASE("the keeper is detached and the parent of its supervisor", "[keeper]") {
    KeptSupervisor world;
    CHECK(world.hello() == " control:1");
    CHECK(world.parent == world.keeper);
    CHECK(::getsid(world.keeper) == world.keeper);
    CHECK(base::read_file("/proc/" + std::to_string(world.keeper) + "/comm") == "compose-keeper\n");
    CHECK(fs::read_symlink("/proc/" + std::to_string(world.keeper) + "/cwd") == "/");
    CHECK(::waitpid(world.keeper, nullptr, WNOHANG) == -1);
}

TEST_CASE("the keeper takes less than 40 kB", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    std::istringstream lines(base::read_file("/proc/" + std::to_string(world.keeper) + "/smaps_rollup"));
    std::string word;
    long pss = 0;
    while (lines >> word && word != "Pss:")
        ;
    lines >> pss;
    CHECK(pss > 0);
    CHECK(pss < 40);
}

TEST_CASE("a supervisor killed by -9 is replaced and finds what it stored", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    CHECK(world.ask("store first") == "ok");
    CHECK(world.ask("store second") == "ok");
    CHECK(world.ask("store third") == "ok");
    CHECK(world.ask("drop second") == "ok");
    const auto first = world.supervisor;
    kill_and_wait(first);
    CHECK(world.hello() == " control:1 first:2 third:2");
    CHECK(world.supervisor != first);
    CHECK(world.parent == world.keeper);
    CHECK(world.ask("contents third") == "third");
}

TEST_CASE("storing under a known name replaces, a bad request is refused", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    world.ask("store name");
    world.ask("store name");
    CHECK(world.ask("refused") == "Invalid argument");
    kill_and_wait(world.supervisor);
    CHECK(world.hello() == " control:1 name:2");
}

TEST_CASE("every child's end is recorded, whoever made it", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    const auto sibling = std::stoi(world.ask("sibling 42"));
    CHECK(world.record(sibling).wait_status == 42 << 8);
    CHECK(world.record(sibling).process.start_ticks > 0);
    CHECK(base::now() - world.record(sibling).time < std::chrono::minutes(1));
    const auto orphan = std::stoi(world.ask("orphan 7"));
    CHECK(world.record(orphan).wait_status == 7 << 8);
}

TEST_CASE("a container outlives its supervisor and its end is recorded meanwhile", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    const auto container = std::stoi(world.ask("waiting-sibling"));
    const auto identity = identify(container);
    REQUIRE(identity);
    kill_and_wait(world.supervisor);
    world.hello();
    REQUIRE(open_verified(*identity));
    const base::UniqueFd pidfd(base::sys_pidfd_open(container));
    ::kill(container, SIGTERM);
    await_end(pidfd.get());
    const auto record = world.record(container);
    CHECK(record.process == *identity);
    const auto outcome = exit_outcome(*identity, pidfd.get(), read_exit_records(world.exits()).records);
    CHECK(outcome.source == ExitSource::record);
    CHECK(outcome.exit_code() == 128 + SIGTERM);
}

TEST_CASE("the exits file is emptied only when nothing new came", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    world.record(std::stoi(world.ask("sibling 1")));
    const auto consumed = read_exit_records(world.exits()).consumed;
    world.record(std::stoi(world.ask("sibling 2")));
    CHECK(world.ask("truncate " + std::to_string(consumed)) == "left");
    CHECK(world.ask("truncate " + std::to_string(read_exit_records(world.exits()).consumed)) == "emptied");
    CHECK(fs::file_size(world.exits()) == 0);
    CHECK(world.record(std::stoi(world.ask("sibling 3"))).wait_status == 3 << 8);
}

TEST_CASE("an end that can't be written down waits, and does not hide the supervisor's", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    const rlimit none{0, RLIM_INFINITY};
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    REQUIRE(::prlimit(world.keeper, RLIMIT_FSIZE, &none, nullptr) == 0);
    const auto child = std::stoi(world.ask("sibling 9"));
    const base::UniqueFd pidfd(base::sys_pidfd_open(child));
    await_end(pidfd.get());
    const auto identity = identify(child);
    REQUIRE(identity);
    const auto outcome = exit_outcome(*identity, pidfd.get(), read_exit_records(world.exits()).records);
    CHECK(outcome.source == ExitSource::zombie);
    CHECK(outcome.exit_code() == 9);
    kill_and_wait(world.supervisor);
    world.hello();
    REQUIRE(::prlimit(world.keeper, RLIMIT_FSIZE, &unlimited, nullptr) == 0);
    CHECK(world.record(child).wait_status == 9 << 8);
}

TEST_CASE("a terminal's signals do not end the keeper", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGPIPE})
        ::kill(world.keeper, signal);
    CHECK(world.ask("store after") == "ok");
}

TEST_CASE("the keeper ends when its supervisor exits 0, not when it fails", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    world.send("exit 3");
    world.hello();
    world.send("exit 0");
    await_end(world.keeper_fd.get());
}

TEST_CASE("a killed keeper is replaced, with all it held, by the supervisor", "[keeper]") {
    KeptSupervisor world;
    world.hello();
    world.ask("store precious");
    const auto container = std::stoi(world.ask("waiting-sibling"));
    const auto identity = identify(container);
    const base::UniqueFd pidfd(base::sys_pidfd_open(container));
    kill_and_wait(world.supervisor); // so that the next one holds "precious"
    world.hello();
    const auto old_supervisor = world.supervisor;
    const auto old_keeper = world.keeper;
    kill_and_wait(world.keeper);
    world.send("replace");
    CHECK(world.hello() == " control:1 precious:2");
    CHECK(world.supervisor != old_supervisor);
    CHECK(world.parent != old_keeper);
    CHECK(base::read_file("/proc/" + std::to_string(world.parent) + "/comm") == "compose-keeper\n");
    CHECK(world.ask("contents precious") == "precious");
    world.keeper = world.parent;
    world.keeper_fd = base::UniqueFd(base::sys_pidfd_open(world.keeper));

    REQUIRE(open_verified(*identity));
    ::kill(container, SIGKILL);
    await_end(pidfd.get());
    const auto outcome = exit_outcome(*identity, pidfd.get(), read_exit_records(world.exits()).records);
    // Whoever reaped it may have been faster; then only Linux 6.15 still knows.
    if (outcome.source != ExitSource::unknown || running_kernel() >= KernelVersion{6, 15})
        CHECK(outcome.exit_code() == 128 + SIGKILL);
    CHECK(outcome.source != ExitSource::record);
    CHECK(world.record(std::stoi(world.ask("sibling 5"))).wait_status == 5 << 8);
}

TEST_CASE("a supervisor that dies young is restarted at once, then ever more slowly", "[keeper]") {
    const auto dir = fs::path("/dev/shm") / ("keeper-" + base::random_hex(8));
    fs::create_directories(dir);
    const auto log = base::make_pipe();
    KeeperSpec spec;
    spec.runtime_dir = dir;
    spec.supervisor_argv = {fs::read_symlink("/proc/self/exe").string()};
    spec.environment = {"COMPOSE_TEST_SUPERVISOR=1", "COMPOSE_TEST_DIES_YOUNG=1"};
    spec.log_fd = log.write.get();
    const auto start = std::chrono::steady_clock::now();
    const base::UniqueFd keeper(base::sys_pidfd_open(launch_keeper(spec)));
    std::string text;
    std::size_t births = 0;
    for (std::size_t at = 0; births < 4;) {
        char buffer[256];
        const auto size = ::read(log.read.get(), buffer, sizeof buffer);
        REQUIRE(size > 0);
        text.append(buffer, static_cast<std::size_t>(size));
        for (; (at = text.find("born\n", at)) != std::string::npos; at += 5)
            ++births;
        at = text.size() < 5 ? 0 : text.size() - 4;
    }
    // Births at 0, 0, 100 and 300 ms, plus what starting takes.
    CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(300));
    CHECK_THAT(text, Catch::Contains("exited with 3"));
    REQUIRE(base::sys_pidfd_send_signal(keeper.get(), SIGKILL) == 0);
    await_end(keeper.get());
    base::remove_tree(dir);
}

TEST_CASE("what can't be executed is reported to whoever launches", "[keeper]") {
    KeeperSpec spec;
    spec.runtime_dir = "/dev/shm";
    spec.supervisor_argv = {"/bin/true"};
    spec.descriptors["nine"] = std::vector<int>(9, 0);
    CHECK_THROWS_WITH(launch_keeper(spec), Catch::Contains("\"nine\""));
    spec.descriptors.clear();
    spec.environment = {std::string(300'000, 'x')}; // one string may have 128 KiB
    CHECK_THROWS_WITH(launch_keeper(spec), Catch::Contains("start compose-keeper"));
}
