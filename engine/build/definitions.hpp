// What steps are by what is written and what comes from outside, without regard to what other stages made:
// known before anything is run. Two steps of one definition need not give the same, as when a stage is made
// anew later; so a definition only finds what another machine has exported, and saves making the stages that
// the step takes files from. Blocks: it looks at the files of contexts.
#pragma once

#include "engine/build/layer_step.hpp"

#include <map>
#include <string>
#include <vector>

namespace build {

class Definitions {
  public:
    // References are kept no longer. @param unknown stages whose steps have no definition, nor has what
    // depends on them. @throws base::Error, e.g. for a source that is missing; image::Cancelled.
    Definitions(const Workshop &workshop, const Plan &plan, const std::set<std::string> &unknown);

    // "sha256:..."; empty: it has none.
    [[nodiscard]] const std::string &of(const Step &step) const;

  private:
    std::map<const Step *, std::string> steps_;
};

// The stages a step takes files from, or binds.
[[nodiscard]] std::vector<std::size_t> stages_used(const Step &step);

} // namespace build
