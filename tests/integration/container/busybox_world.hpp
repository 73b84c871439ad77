// A store of its own under COMPOSE_TEST_DIR (else /dev/shm) with a busybox image, and containers in it that
// are children of the test itself. Everything is gone when the object is.
#pragma once

#include "base/file.hpp"
#include "base/paths.hpp"
#include "engine/container/create.hpp"
#include "engine/container/exec.hpp"
#include "engine/container/spawn.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace container::test {

struct Result {
    int code = -1; // of the program; exit_code() of the failure when it did not start
    std::string out;
    std::string err;
    std::optional<StartFailure> failure;
};

class World {
  public:
    World();
    ~World();
    World(const World &) = delete;
    World &operator=(const World &) = delete;

    [[nodiscard]] base::fs::path directory() const { return directory_; }

    // A container that runs `script` in the busybox image.
    [[nodiscard]] Spec spec(const std::string &script = "true") const;

    // create, spawn, release, wait, remove. `before` is called between spawn and release.
    Result run(const Spec &spec, const std::function<void(Child &)> &before = {});

    base::Paths paths;
    SeccompCache seccomp;
    OverlayApi overlay = OverlayApi::automatic;
    std::map<std::string, int> join;
    bool own_cgroup = true;

  private:
    base::fs::path directory_;
};

// A container that stays up until it is destroyed.
class Running {
  public:
    Running(World &world, const Spec &spec, Stdio stdio = {});
    ~Running();
    Running(const Running &) = delete;
    Running &operator=(const Running &) = delete;

    [[nodiscard]] ProcessIdentity identity() const;
    // Its exit code; it must be ending.
    int wait();
    // exec of a shell script: exit code and both streams.
    Result exec(const std::string &script, ExecSpec what = {});

    World &world;
    Spec spec;
    Cgroup cgroup;
    std::optional<Child> child;

  private:
    bool ended_ = false;
};

[[nodiscard]] Cgroup make_cgroup(const Spec &spec);
// Reads until end of file. @pre nobody keeps the other end open.
[[nodiscard]] std::string drain(int fd);
// Waits for a child of this process; its code as a shell counts.
int wait_for(int pidfd);
[[nodiscard]] bool contains(const std::string &text, const std::string &part);

} // namespace container::test
