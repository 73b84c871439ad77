// The directory of a step that runs: images/build/running/ID, on the store's file system, so that its upper/
// can be made a layer by rename. Locked for its life: what nobody holds a lock on was left by a build that
// was killed, and the next one sweeps it. Blocks.
#pragma once

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/paths.hpp"

#include <string>

namespace build {

// The cgroups of steps are named by this and the step's id; no project can have the name.
constexpr const char *cgroup_project = ".build";

[[nodiscard]] base::fs::path build_directory(const base::Paths &paths);

class StepDirectory {
  public:
    // With an empty upper/ and work/ in it.
    explicit StepDirectory(const base::Paths &paths);
    StepDirectory(const StepDirectory &) = delete;
    StepDirectory &operator=(const StepDirectory &) = delete;
    // Deletes it with all that is still in it.
    ~StepDirectory();

    // Leaves it to the next sweep, for its cgroup could not be deleted.
    void leave_to_sweep() const { left_ = true; }

    [[nodiscard]] const std::string &id() const { return id_; } // 64 hex digits

    [[nodiscard]] const base::fs::path &path() const { return path_; }

    [[nodiscard]] base::fs::path upper() const { return path_ / "upper"; }

    [[nodiscard]] base::fs::path work() const { return path_ / "work"; }

  private:
    std::string id_;
    base::fs::path path_;
    base::UniqueFd lock_;
    mutable bool left_ = false;
};

// Ends and deletes what killed builds have left: processes, cgroups, directories.
void sweep_steps(const base::Paths &paths);

} // namespace build
