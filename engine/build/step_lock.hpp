// Who runs a step, while it runs: a second build that comes to the same step waits and then finds the result
// in the cache. Between threads and processes, by flock(2) on images/build/steps/HEX.
#pragma once

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/paths.hpp"
#include "engine/build/cancellation.hpp"

#include <string>

namespace build {

class StepLock {
  public:
    // Waits until nobody else runs the step. @param key of the step, "sha256:...".
    // @throws image::Cancelled while it waits.
    StepLock(const base::Paths &paths, const std::string &key, const Cancellation &cancellation);
    StepLock(const StepLock &) = delete;
    StepLock &operator=(const StepLock &) = delete;
    ~StepLock();

  private:
    base::fs::path path_;
    base::UniqueFd fd_;
};

// Removes the files that killed builds have left.
void sweep_step_locks(const base::Paths &paths);

} // namespace build
