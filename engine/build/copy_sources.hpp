// The sources of one COPY or ADD, and what of them counts for the cache. Blocks.
#pragma once

#include "engine/build/copy_files.hpp"
#include "engine/build/layer_step.hpp"

#include <deque>
#include <string>
#include <vector>

namespace build {

class CopySources {
  public:
    // Opens them; fetches those of the web. References are kept.
    // @throws base::Error for one that is missing; image::Cancelled.
    CopySources(const Workshop &workshop, const CopyStep &step, const IgnoreRules &excluded);

    [[nodiscard]] const std::vector<CopySource> &all() const { return sources_; }

    // Equal ones have equal files.
    [[nodiscard]] std::string key() const;

  private:
    [[nodiscard]] const SourceTree &local_tree();
    [[nodiscard]] std::string local_key() const;

    const Workshop &workshop_;
    const CopyStep &step_;
    const IgnoreRules &excluded_;
    std::deque<SourceTree> trees_;
    const SourceTree *local_ = nullptr; // of what is not fetched
    std::vector<CopySource> sources_;
    std::vector<std::string> fetched_; // keys
};

// The same as of CopySources; of files of stages and images without opening them, when it is known.
[[nodiscard]] std::string copy_key(const Workshop &workshop, const CopyStep &step,
                                   const IgnoreRules &excluded);

} // namespace build
