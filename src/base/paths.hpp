// Where everything is kept. No other place builds these paths.
#pragma once

#include <filesystem>
#include <string>

namespace base {

// state survives a reboot, run does not. System: /var/lib/compose and /run/compose; for a user without
// root the XDG directories. COMPOSE_STATE_DIR and COMPOSE_RUN_DIR override both (tests, several stores).
class Paths {
  public:
    // From the environment and the effective user.
    static Paths detect();

    Paths(std::filesystem::path state, std::filesystem::path run)
        : state_(std::move(state)), run_(std::move(run)) {}

    [[nodiscard]] const std::filesystem::path &state() const { return state_; }

    [[nodiscard]] const std::filesystem::path &run() const { return run_; }

    // OCI image layout (blobs/, index.json) plus layers/ by chain id.
    [[nodiscard]] std::filesystem::path images() const { return state_ / "images"; }

    [[nodiscard]] std::filesystem::path volumes() const { return state_ / "volumes"; }

    [[nodiscard]] std::filesystem::path volume(const std::string &name) const { return volumes() / name; }

    [[nodiscard]] std::filesystem::path networks() const { return state_ / "networks"; }

    [[nodiscard]] std::filesystem::path network(const std::string &name) const {
        return networks() / (name + ".json");
    }

    [[nodiscard]] std::filesystem::path projects() const { return state_ / "projects"; }

    [[nodiscard]] std::filesystem::path project(const std::string &name) const { return projects() / name; }

    [[nodiscard]] std::filesystem::path container(const std::string &project_name,
                                                  const std::string &id) const {
        return project(project_name) / "containers" / id;
    }

    // Sockets, FIFOs, the keeper's records.
    [[nodiscard]] std::filesystem::path project_run(const std::string &name) const {
        return run_ / "projects" / name;
    }

    [[nodiscard]] std::filesystem::path container_run(const std::string &project_name,
                                                      const std::string &id) const {
        return project_run(project_name) / "containers" / id;
    }

    // Shared facts (images, subnets, ports) are guarded by flock(2) on these.
    [[nodiscard]] std::filesystem::path lock(const std::string &name) const {
        return run_ / (name + ".lock");
    }

  private:
    std::filesystem::path state_;
    std::filesystem::path run_;
};

} // namespace base
